/** @file xᵢ - log Σ exp(xⱼ) over the last axis, shifted by the largest so that nothing overflows; near 0 as exact as elsewhere. */
import { centred } from '../compose.ts';
import { sameType } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';
import { eachRow } from './softmax.ts';

export const logSoftmax: Op<[x: Node]> = {
  name: 'logSoftmax',
  build: (g, x) => g.node('logSoftmax', [x]),
  infer: sameType,
  /**
   * d - p Σd. What comes out adds up to 0, and where one p is near 1 rounding takes from that entry what the sum then is: with p = 1 its entry
   * for the label of a fitted example is 0, and the others' sum is what it should be. Given back by weights p, it changes no other digit.
   */
  reverse(g, y, dy) {
    const p = g.exp(y); // a softmax of its own is 1.5% of a step of 10 layers of 64
    const found = g.sub(dy, g.mul(p, g.sum(dy, [-1], true)));
    return [g.sub(found, g.stopGradient(g.mul(p, g.sum(found, [-1], true))))];
  },
  forward: (g, y, [dx]) => (dx ? centred(g, g.exp(y), dx) : null),
  evaluate([x], { shape }) {
    const out = new Float64Array(x!.length);
    const n = shape.at(-1) ?? 1;
    eachRow(x!, n, (start, largest, others) => {
      for (let i = start; i < start + n; i++) out[i] = x![i]! - largest - Math.log1p(others);
    });
    return out;
  },
  cases: [
    { title: 'rows', inputs: [{ shape: [3, 5], low: -3, high: 3 }] },
    { title: 'one class', inputs: [{ shape: [2, 1] }] },
    { title: 'far apart', inputs: [{ shape: [2, 4], low: -200, high: 200 }], differentiable: false },
  ],
};
