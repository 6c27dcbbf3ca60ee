import type { Node, Value } from '../graph.js';

/** What the chain rule knows at a node. */
export interface Differentiation {
  readonly node: Node;
  /** The node's input at this place. @throws when it was left out. */
  readonly input: (index: number) => Value;
  /** The node's output at this place. */
  readonly output: (index?: number) => Value;
  /** The gradient of the loss by the node's output at this place; zeros where nothing depends on it. */
  readonly gradient: (index?: number) => Value;
}

/**
 * The gradients of the loss by a node's inputs, in their order. Each is a function, so that only those that are
 * needed are computed; an input without one (an index, a shape) has no gradient.
 */
export type GradientRule = (at: Differentiation) => readonly ((() => Value) | undefined)[];
