import {
  add,
  concatenate,
  floats,
  type Graph,
  gather,
  multiply,
  negate,
  type RotaryAngles,
  reshape,
  split,
  type Value,
} from '#libs/graph';

import type { LlamaConfig } from './config.js';

/**
 * Rotary position embedding (RoFormer, section 3.2): the angle of pair i at position p is p · base^(-2i / headWidth).
 * @param factor by which what is rotated grows as well
 */
export function rotaryTables(graph: Graph, config: LlamaConfig, factor = 1): RotaryAngles {
  const pairs = config.hidden / config.heads / 2;
  const angles = Float64Array.from({ length: config.contextLength * pairs }, (_, index) => {
    const position = Math.floor(index / pairs);
    return position * config.ropeBase ** (-(index % pairs) / pairs);
  });
  const shape = [config.contextLength, pairs];
  return {
    cosines: floats(
      graph,
      shape,
      angles.map((angle) => factor * Math.cos(angle)),
    ),
    sines: floats(
      graph,
      shape,
      angles.map((angle) => factor * Math.sin(angle)),
    ),
  };
}

/** The rows of the tables at positions `[batch, tokens]`: `[batch, 1, tokens, headWidth / 2]` each. */
export function positionsOf({ cosines, sines }: RotaryAngles, positions: Value): RotaryAngles {
  const [batch, tokens] = positions.shape;
  const rows = (table: Value) => reshape(gather(table, positions), [batch!, 1, tokens!, table.shape[1]!]);
  return { cosines: rows(cosines), sines: rows(sines) };
}

/**
 * Rotates `[batch, heads, tokens, headWidth]` by tables that broadcast to `[batch, heads, tokens, headWidth / 2]`. As
 * in Hugging Face's LLaMA, element i is paired with element i + headWidth / 2.
 */
export function rotate(x: Value, { cosines, sines }: RotaryAngles): Value {
  const half = Number(x.shape[3]) / 2;
  const [first, second] = split(x, 3, [half, half]) as [Value, Value];
  return concatenate(
    [
      add(multiply(first, cosines), negate(multiply(second, sines))),
      add(multiply(second, cosines), multiply(first, sines)),
    ],
    3,
  );
}
