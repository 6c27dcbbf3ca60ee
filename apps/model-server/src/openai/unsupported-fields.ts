import { z } from 'zod';

/** What a field may hold without asking for anything: nothing, or the value by which it changes nothing. */
type Neutral = string | number | boolean | 'empty';

/**
 * Fields of OpenAI, vLLM, llama.cpp and others that change what is replied, and that this server cannot honour. Beside
 * each the value that asks for nothing.
 */
const unsupported: Readonly<
  Record<string, Neutral | { readonly neutral: Neutral; readonly instead: string }>
> = {
  repeat_penalty: { neutral: 1, instead: 'This server supports repetition_penalty instead.' },
  repeat_last_n: 0,
  tools: 'empty',
  functions: 'empty',
  tool_choice: 'none',
  function_call: 'none',
  audio: 'empty',
  prompt_logprobs: 0,
  prediction: 'empty',
  web_search_options: 'empty',
  typical_p: 1,
  tfs_z: 1,
  top_a: 0,
  mirostat: 0,
  dynatemp_range: 0,
  xtc_probability: 0,
  dry_multiplier: 0,
  best_of: 1,
  use_beam_search: false,
  length_penalty: 1,
  include_stop_str_in_output: false,
  bad_words: 'empty',
  logits_processors: 'empty',
  echo: false,
  continue_final_message: false,
  chat_template: 'empty',
  chat_template_kwargs: 'empty',
  grammar: 'empty',
  json_schema: 'empty',
  structured_outputs: 'empty',
  guided_json: 'empty',
  guided_regex: 'empty',
  guided_choice: 'empty',
  guided_grammar: 'empty',
  guided_json_object: false,
};

/** Refuses the fields of a body that would change the reply but cannot. */
export function unsupportedFields({ value, issues }: z.core.ParsePayload<Record<string, unknown>>): void {
  const refuse = (path: string[], message: string) =>
    issues.push({ code: 'custom', path, message, input: value });
  for (const [field, entry] of Object.entries(unsupported)) {
    const { neutral, instead } =
      typeof entry === 'object'
        ? entry
        : { neutral: entry, instead: 'This server does not support it; leave it out.' };
    if (!asksForNothing(value[field], neutral)) refuse([field], instead);
  }
  const { response_format: format, modalities } = value;
  const type = (format as { type?: unknown } | null | undefined)?.type;
  if (format != null && type !== 'text') {
    refuse(['response_format', 'type'], 'This server does not support it; "text" is the only one.');
  }
  if (modalities != null && JSON.stringify(modalities) !== '["text"]') {
    refuse(['modalities'], 'This server does not support others than ["text"].');
  }
}

function asksForNothing(value: unknown, neutral: Neutral): boolean {
  if (value === undefined || value === null || value === neutral) return true;
  // Of tools that are not there, nothing is chosen either way.
  if (neutral === 'none') return value === 'auto';
  return neutral === 'empty' && typeof value === 'object' && Object.keys(value).length === 0;
}
