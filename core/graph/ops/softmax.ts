/** @file exp(xᵢ)/Σ exp(xⱼ) over the last axis, shifted by the largest so that nothing overflows. */
import type { Builder } from '../builder.ts';
import { centred } from '../compose.ts';
import { sameType } from '../elementwise.ts';
import type { Node, Op } from '../node.ts';

/** y ∘ (d - ⟨d, y⟩): the Jacobian is symmetric, so it serves both directions. */
const jacobian = (g: Builder, y: Node, d: Node): Node => g.mul(y, centred(g, y, d));

/** Largest value of each row of `n`, and the sum of exp(x - largest) over all but that one; calls `write` with both. */
export function eachRow(x: ArrayLike<number>, n: number, write: (start: number, largest: number, others: number) => void): void {
  for (let start = 0; start < x.length; start += n) {
    let top = start;
    for (let i = start; i < start + n; i++) if (x[i]! > x[top]! || Number.isNaN(x[i]!)) top = i;
    const largest = x[top]!;
    let others = largest - largest; // NaN where that is infinite
    for (let i = start; i < start + n; i++) if (i !== top) others += Math.exp(x[i]! - largest);
    write(start, largest, others);
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
    eachRow(x!, n, (start, largest, others) => {
      for (let i = start; i < start + n; i++) out[i] = Math.exp(x![i]! - largest) / (1 + others);
    });
    return out;
  },
  cases: [
    { title: 'rows', inputs: [{ shape: [3, 5], low: -3, high: 3 }] },
    { title: 'one class', inputs: [{ shape: [2, 1] }] },
    { title: 'far apart', inputs: [{ shape: [2, 4], low: -200, high: 200 }], differentiable: false },
  ],
};
