/** Transformers' defaults (configuration_llama.py) of what a whole model's configuration leaves out of its LLaMA's. */
export const llamaDefaults = {
  model_type: 'llama',
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-6,
};
