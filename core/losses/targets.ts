/** @file Targets as numbers: labels stand for their one-hot vectors. */
import type { Builder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';

export const asValues = (g: Builder, outputs: Node, targets: Node): Node =>
  targets.dtype === 'int32' ? g.oneHot(targets, outputs.shape[1]!) : targets; // [B, K]
