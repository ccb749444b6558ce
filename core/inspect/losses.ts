/** @file Losses a file may name besides those of the catalog: each with the scale that its name promises. */
import type { Loss, ValueRange } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import { logisticLoss } from '../graph/compose.ts';
import { sizeOf, type Node } from '../graph/node.ts';
import { logistic } from '../losses/logistic.ts';
import { softmaxCrossEntropy } from '../losses/softmaxCrossEntropy.ts';

export interface InspectLoss {
  readonly targets: 'labels' | 'values' | 'either';
  /** What target values must be; any numbers where it says nothing. */
  readonly range?: ValueRange;
  /** Shares of the examples [B]; the loss is their mean. */
  each(g: Builder, outputs: Node, targets: Node): Node;
  /** See `Loss.information`, in the unit of the loss. */
  information?(g: Builder, outputs: Node, moved: Node): Node;
}

const rows = (g: Builder, x: Node): Node => g.reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]); // [B, K]
const sumRows = (g: Builder, x: Node): Node => g.sum(rows(g, x), [1]); // [B]
const perOutput = ({ shape }: Node): number => 1 / sizeOf(shape.slice(1));

export const inspectLosses: Readonly<Record<string, InspectLoss>> = {
  /** 1/(2n) Σ over batch and outputs (z - y)². */
  half_mse: { targets: 'values', each: (g, z, y) => g.mul(sumRows(g, g.square(g.sub(z, y))), 0.5), information: (_, __, moved) => moved },
  /** Mean over all outputs of all examples of (z - y)². */
  mse_mean_all: {
    targets: 'values',
    each: (g, z, y) => g.mul(sumRows(g, g.square(g.sub(z, y))), perOutput(z)),
    information: (g, z, moved) => g.mul(moved, 2 * perOutput(z)),
  },
  /** -Σ y log softmax(z) over the classes, mean over the batch; labels stand for their one-hot rows. */
  softmax_ce: {
    targets: 'either',
    each(g, z, y) {
      const share = y.dtype === 'int32' ? g.oneHot(y, z.shape[1]!) : y;
      return g.neg(g.sum(g.mul(g.logSoftmax(z), share), [1]));
    },
    information: softmaxCrossEntropy.information!,
  },
  /** log(1 + eᶻ) - y z, mean over all outputs of all examples. */
  binary_ce_logits: {
    targets: 'values',
    range: 'shares',
    each: (g, z, y) => g.mul(sumRows(g, logisticLoss(g, z, y)), perOutput(z)),
    information: (g, z, moved) => g.mul(logistic.information!(g, z, moved), perOutput(z)),
  },
};

export const ofCatalog = (loss: Loss, options: Parameters<Loss['each']>[3]): InspectLoss => ({
  targets: loss.targets,
  ...(loss.range ? { range: loss.range(options) } : {}),
  each: (g, outputs, targets) => loss.each(g, outputs, targets, options),
  ...(loss.information ? { information: loss.information } : {}),
});
