/** @file xᵢ - log Σ exp(xⱼ) over the last axis, shifted by the largest so that nothing overflows. */
import { sameType } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';
import { eachRow } from './softmax.ts';

export const logSoftmax: Op<[x: Node]> = {
  name: 'logSoftmax',
  build: (g, x) => g.node('logSoftmax', [x]),
  infer: sameType,
  reverse: (g, { inputs: [x] }, dy) => [g.sub(dy, g.mul(g.softmax(x!), g.sum(dy, [-1], true)))],
  forward: (g, { inputs: [x] }, [dx]) => (dx ? g.sub(dx, g.sum(g.mul(g.softmax(x!), dx), [-1], true)) : null),
  evaluate([x], { shape }) {
    const out = new Float64Array(x!.length);
    const n = shape.at(-1) ?? 1;
    eachRow(x!, n, (start, largest, total) => {
      for (let i = start; i < start + n; i++) out[i] = x![i]! - largest - Math.log(total);
    });
    return out;
  },
  cases: [
    { title: 'rows', inputs: [{ shape: [3, 5], low: -3, high: 3 }] },
    { title: 'one class', inputs: [{ shape: [2, 1] }] },
    { title: 'far apart', inputs: [{ shape: [2, 4], low: -200, high: 200 }], differentiable: false },
  ],
};
