/** @file The order of the examples: a fresh permutation every epoch, cut into batches; a function of the step alone, so that any step can be resumed. */
import { rng } from '../rng.ts';

/**
 * Example j of step t is number t·B + j of the endless sequence of permuted epochs. Every example comes once an epoch; where B does not
 * divide n a batch takes the end of one epoch and the beginning of the next.
 */
export function batchOrder(seed: number, n: number, batchSize: number): (firstStep: number, steps: number) => Int32Array {
  const recent = new Map<number, Int32Array>();
  const epochOrder = (epoch: number): Int32Array => {
    let order = recent.get(epoch);
    if (!order) {
      order = rng(seed, 'order', epoch).permutation(n);
      recent.set(epoch, order);
      if (recent.size > 4) recent.delete(recent.keys().next().value!);
    }
    return order;
  };
  return (firstStep, steps) => {
    const rows = new Int32Array(steps * batchSize); // [S, B]
    let filled = 0;
    for (let at = firstStep * batchSize; filled < rows.length;) {
      const from = at % n;
      const count = Math.min(n - from, rows.length - filled);
      rows.set(epochOrder(Math.floor(at / n)).subarray(from, from + count), filled);
      filled += count;
      at += count;
    }
    return rows;
  };
}
