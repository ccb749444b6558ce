/** @file Evaluation in stages against the whole graph evaluated anew after every change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { createBuilder } from './builder.ts';
import { evaluate } from './evaluate.ts';
import type { Node } from './node.ts';
import { stagedEvaluation } from './staged.ts';

/** Ten layers of a residual chain whose kernels lie in one stack; every other one looks back at the first. */
function chain() {
  const [layers, n] = [10, 3];
  const g = createBuilder('float64');
  const stack = g.input('stack', [layers, n, n]);
  const cuts = Array.from({ length: layers }, (_, l) => g.slice(stack, 0, l, l + 1));
  const taps: Node[] = [];
  let h = g.input('x', [4, n]);
  const first = h;
  cuts.forEach((cut, l) => {
    taps.push(g.matMul(g.tanh(h), g.reshape(cut, [n, n])));
    h = g.add(l % 2 ? h : first, taps.at(-1)!);
  });
  const random = rng(1, 'test', 7);
  const draw = (size: number) => Float64Array.from({ length: size }, () => random.normal());
  return { layers, taps, cuts, feeds: { stack: draw(layers * n * n), x: draw(4 * n) } };
}

test('values equal those of the graph evaluated as a whole, while kernels change from stage to stage', () => {
  for (const settles of [true, false]) {
    const { layers, taps, cuts, feeds } = chain();
    const staged = stagedEvaluation(taps, feeds);
    for (let l = 0; l < layers; l++)
      for (const factor of [1, 0.5, 3]) {
        feeds.stack.subarray(l * 9, (l + 1) * 9).forEach((value, i, own) => (own[i] = factor * value));
        staged.forget(cuts[l]!);
        assert.deepEqual(staged.value(taps[l]!), evaluate([taps[l]!], feeds)[0]);
        if (settles && factor === 3) staged.settle();
      }
    assert.deepEqual(staged.value(taps[2]!), evaluate([taps[2]!], feeds)[0], 'what was freed is computed again');
  }
});

test('a change that is not told is not seen; once told, all that follows from it is', () => {
  const { taps, cuts, feeds } = chain();
  const staged = stagedEvaluation(taps, feeds);
  const before = staged.value(taps[9]!).slice();
  feeds.stack.fill(0.1, 0, 9);
  assert.deepEqual(staged.value(taps[9]!), before);
  staged.forget(cuts[0]!);
  assert.notDeepEqual(staged.value(taps[9]!), before);
  assert.deepEqual(staged.value(taps[9]!), evaluate([taps[9]!], feeds)[0]);
});
