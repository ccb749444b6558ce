/** @file exp(xᵢ)/Σ exp(xⱼ) over the last axis, shifted by the largest so that nothing overflows. */
import type { Builder } from '../builder.ts';
import { sameType } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

/** y ∘ (d - ⟨d, y⟩): the Jacobian is symmetric, so it serves both directions. */
function jacobian(g: Builder, y: Node, d: Node): Node {
  return g.mul(y, g.sub(d, g.sum(g.mul(d, y), [-1], true)));
}

/** Largest value, and the sum of exp(x - largest), of each row of `n`; calls `write` with both. */
export function eachRow(x: ArrayLike<number>, n: number, write: (start: number, largest: number, total: number) => void): void {
  for (let start = 0; start < x.length; start += n) {
    let largest = -Infinity;
    for (let i = 0; i < n; i++) largest = Math.max(largest, x[start + i]!);
    let total = 0;
    for (let i = 0; i < n; i++) total += Math.exp(x[start + i]! - largest);
    write(start, largest, total);
  }
}

export const softmax: Op<[x: Node]> = {
  name: 'softmax',
  build: (g, x) => g.node('softmax', [x]),
  infer: sameType,
  reverse: (g, y, dy) => [jacobian(g, y, dy)],
  forward: (g, y, [dx]) => (dx ? jacobian(g, y, dx) : null),
  evaluate([x], { shape }) {
    const out = new Float64Array(x!.length);
    const n = shape.at(-1) ?? 1;
    eachRow(x!, n, (start, largest, total) => {
      for (let i = start; i < start + n; i++) out[i] = Math.exp(x![i]! - largest) / total;
    });
    return out;
  },
  cases: [
    { title: 'rows', inputs: [{ shape: [3, 5], low: -3, high: 3 }] },
    { title: 'one class', inputs: [{ shape: [2, 1] }] },
    { title: 'far apart', inputs: [{ shape: [2, 4], low: -200, high: 200 }], differentiable: false },
  ],
};
