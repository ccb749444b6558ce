/** @file What a regularizer is given once the optimizer has made its step. */
import type { Node } from '../graph/node.ts';

export interface AfterContext {
  readonly before: Node; // [G, …]
  readonly after: Node; // [G, …]
  /** The optimizer's state, that of members [G, 1, …]. */
  readonly slots: Readonly<Record<string, Node>>;
  /** See `Optimizer.slotPowers`. */
  readonly powerOf: (slot: string) => number;
  /** The weights at step 0, for targets that refer to them. */
  readonly initial: () => Node; // [G, …]
  /** The rate of decay beside the optimizer: [], or [G, 1, …] where members differ. */
  readonly learningRate: Node;
  readonly step: Node; // [] float, 1 at the first update
  /** 1, 2, … at the step that completes the first, second, … pass through the training set; 0 at all others. */
  readonly epochEnded: Node; // [] float
}
