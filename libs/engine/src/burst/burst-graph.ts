import {
  add,
  and,
  cast,
  concatenate,
  equal,
  expand,
  Graph,
  gather,
  gatherBatched,
  greater,
  integer,
  integers,
  loop,
  not,
  range,
  reduceMax,
  reshape,
  scalar,
  serialize,
  shapeOf,
  slice,
  sliceBetween,
  subtract,
  type Value,
  type WeightCatalog,
} from '#libs/graph';
import {
  type AttentionKernel,
  cachedAttention,
  cacheShape,
  type DecoderConfig,
  decoderKernels,
  decoderNetwork,
  languageModelHead,
  type MatrixFormat,
  Parameters,
  type Precision,
} from '#libs/minigpt4';

import type { KeyValueType } from '../engine-options.js';
import { type SamplingInputs, sampleInGraph } from '../sampling/sampling-graph.js';

export interface BurstGraphOptions {
  /** How the package stores the decoder's matrices. */
  readonly format: MatrixFormat;
  readonly keyValueType: KeyValueType;
  readonly attentionKernel: AttentionKernel;
  /** How many tokens there are to choose from, without rows of the embedding table beyond the vocabulary. */
  readonly vocabulary: number;
  /** In which is computed; logits are sampled in float64 all the same. */
  readonly precision?: Precision;
}

/**
 * The decoder as an ONNX model that computes several tokens of each row in one run: a loop looks a token up, decodes
 * it, samples the next one and goes on. Where keys and values cross to the device at every run, they cross once for
 * all these tokens, and only the new ones come back.
 *
 * The first iteration takes `inputs_embeds [batch, given, hidden]` followed by the embeddings of `token_ids` int64
 * `[batch, ids]`; either may be empty, so that prompts are computed by the same graph. Further inputs: `seqlens_k`,
 * `total_sequence_length` and `past_key_values.N.key|value` as those of `decoderGraph`, at the first iteration;
 * `steps` int64 `[]`, the most iterations; `end_of_sequence` int64 `[]`, the token that ends a row, and the run when
 * it has ended all rows; those of `SamplingInputs` by their names, but `draws [steps, batch]` for all iterations.
 *
 * Outputs: `tokens` int64 `[iterations, batch, 1]`; `logits [batch, vocabulary]` of the last iteration;
 * `new.N.key|value [batch, keyValueHeads, given + ids + iterations - 1, cacheHeadWidth]`, to be appended to the cache.
 */
export function burstGraph(
  config: DecoderConfig,
  catalog: WeightCatalog,
  { format, keyValueType, attentionKernel, vocabulary, precision = 'float32' }: BurstGraphOptions,
): Uint8Array {
  const graph = new Graph();
  const lookUp = (ids: Value) => gather(new Parameters(graph, catalog).get('decoder.embedding.weight'), ids);
  const lastPositions = graph.input('seqlens_k', 'int32', ['batch']);
  const totalLength = graph.input('total_sequence_length', 'int32', [1]);
  const steps = graph.input('steps', 'int64', []);
  const endOfSequence = graph.input('end_of_sequence', 'int64', []);
  const sampling = samplingInputs(graph, vocabulary);
  const embeddings = concatenate(
    [
      graph.input('inputs_embeds', 'float32', ['batch', 'given', config.hidden]),
      lookUp(graph.input('token_ids', 'int64', ['batch', 'ids'])),
    ],
    1,
    'tokens',
  );
  const needed = subtract(add(cast(totalLength, 'int64'), steps), integer(graph, 1));
  const parts = cacheParts(config);
  const past = parts.map(({ name }) =>
    slice(
      graph.input(`past_key_values.${name}`, keyValueType, cacheShape(config)),
      2,
      integers(graph, [0]),
      needed,
      'needed',
    ),
  );
  const noLogits = expand(scalar(graph, 0), shapeOf(sampling.generated), ['batch', vocabulary]);
  const active = expand(graph.constant('bool', [1, 1], Uint8Array.of(1)), shapeOf(sampling.temperature), [
    'batch',
    1,
  ]);

  const initial = [embeddings, lastPositions, totalLength, sampling.generated, active, noLogits, ...past];
  const { state, results } = loop('burst', steps, initial, (body, iteration, current) => {
    const [x, last, total, generated, isActive, , ...cache] = current as [Value, Value, Value, Value, Value];
    const present = [...(cache as Value[])];
    const attention = cachedAttention(graph, config, {
      lastPositions: last,
      totalLength: total,
      store: {
        dataType: keyValueType,
        past: (layer, part) => present[partIndex(layer, part)]!,
        keep: (layer, part, value) => {
          present[partIndex(layer, part)] = value;
        },
      },
      kernel: attentionKernel,
    });
    const parameters = new Parameters(body, catalog, format, precision);
    const end = integers(body, [config.contextLength]);
    const lastToken = (given: Value) => slice(given, 1, integers(body, [-1]), end, 1);
    const kernels = decoderKernels(config, attention, lastToken);
    const hidden = decoderNetwork(parameters, config, kernels, cast(x, precision), last);
    const head = cast(languageModelHead(parameters, hidden), 'float32');
    const logits = sliceBetween(reshape(head, ['batch', config.vocabulary]), 1, 0, vocabulary);
    const draw = reshape(gather(sampling.draws, iteration), ['batch', 1]);
    const sampled = sampleInGraph(logits, { ...sampling, draw, generated });
    const goesOn = and(isActive, not(equal(sampled.token, endOfSequence)));
    const one = body.constant('int32', [1], Int32Array.of(1));
    return {
      goOn: reshape(greater(reduceMax(cast(goesOn, 'int64'), [0, 1]), integer(body, 0)), []),
      state: [
        lookUp(sampled.token),
        add(last, one),
        add(total, one),
        sampled.generated,
        goesOn,
        logits,
        ...present,
      ],
      results: [sampled.token],
    };
  });

  const [tokens] = results as [Value];
  const [, , , , , logits, ...present] = state as [Value, Value, Value, Value, Value, Value, ...Value[]];
  graph.output('tokens', tokens);
  graph.output('logits', logits);
  const positions = newPositions(lastPositions, embeddings, tokens, config.keyValueHeads);
  parts.forEach(({ name }, index) => {
    graph.output(`new.${name}`, gatherBatched(present[index]!, positions, 2));
  });
  return serialize(graph);
}

function samplingInputs(
  graph: Graph,
  vocabulary: number,
): Omit<SamplingInputs, 'draw'> & { readonly draws: Value } {
  const perRow = (name: string) => graph.input(name, 'float64', ['batch', 1]);
  return {
    temperature: perRow('temperature'),
    topP: perRow('topP'),
    topK: graph.input('topK', 'int64', ['batch', 1]),
    repetitionPenalty: perRow('repetitionPenalty'),
    generated: graph.input('generated', 'bool', ['batch', vocabulary]),
    draws: graph.input('draws', 'float64', ['draws', 'batch']),
  };
}

/** The keys and values of all layers, in order. */
const cacheParts = ({ layers }: DecoderConfig) =>
  Array.from({ length: layers }, (_, layer) => [{ name: `${layer}.key` }, { name: `${layer}.value` }]).flat();

const partIndex = (layer: number, part: 'key' | 'value') => 2 * layer + (part === 'key' ? 0 : 1);

/** Where in each row the run has written: int64 `[batch, keyValueHeads, positions, 1]`. */
function newPositions(lastPositions: Value, embeddings: Value, tokens: Value, keyValueHeads: number): Value {
  const { graph } = embeddings;
  const one = integer(graph, 1);
  const before = subtract(shapeOf(embeddings, 1, 2), one);
  const first = subtract(reshape(cast(lastPositions, 'int64'), ['batch', 1]), before);
  const offsets = range(add(before, shapeOf(tokens, 0, 1)), 'positions');
  const positions = reshape(add(first, offsets), ['batch', 1, 'positions', 1]);
  return expand(positions, integers(graph, [1, keyValueHeads, 1, 1]), [
    'batch',
    keyValueHeads,
    'positions',
    1,
  ]);
}
