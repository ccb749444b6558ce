/** @file The law of every initialization: variance and kurtosis of its entries, or exact orthogonality. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng } from '../rng.ts';
import { inits } from './index.ts';

const [fanIn, fanOut] = [300, 200];
const request = { shape: [fanIn, fanOut], fanIn, fanOut };
const variances: Record<string, number> = { glorot: 2 / (fanIn + fanOut), he: 2 / fanIn, lecun: 1 / fanIn };

for (const [name, variance] of Object.entries(variances))
  for (const [distribution, kurtosis] of [
    ['normal', 3],
    ['uniform', 9 / 5],
  ] as const)
    test(`${name} ${distribution}: variance ${variance.toPrecision(3)} and kurtosis ${kurtosis} within five standard errors`, () => {
      const draws = inits[name as 'glorot'].draw(rng(1, 'init', 0), request, { kind: name, distribution });
      const n = draws.length;
      const moment = (power: number) => draws.reduce((sum, w) => sum + w ** power, 0) / n;
      assert.ok(Math.abs(moment(1)) < 5 * Math.sqrt(variance / n));
      assert.ok(Math.abs(moment(2) / variance - 1) < 5 * Math.sqrt((kurtosis - 1) / n));
      // the standard error of the sample kurtosis is √(24/n) for the normal law and smaller for the uniform one
      assert.ok(Math.abs(moment(4) / moment(2) ** 2 - kurtosis) < 5 * Math.sqrt(24 / n));
    });

test('orthogonal kernels keep norms exactly: QᵀQ = g² I on the short side, wide and tall', () => {
  for (const [rows, columns, gain] of [
    [40, 40, 1],
    [60, 20, 1.5],
    [20, 60, Math.SQRT2],
  ] as const) {
    const w = inits.orthogonal.draw(
      rng(2, 'init', 1),
      { shape: [rows, columns], fanIn: rows, fanOut: columns },
      { kind: 'orthogonal', gain },
    );
    const short = Math.min(rows, columns);
    const at = (i: number, k: number) => (rows >= columns ? w[k * columns + i]! : w[i * columns + k]!);
    for (let i = 0; i < short; i++)
      for (let j = 0; j < short; j++) {
        let sum = 0;
        for (let k = 0; k < Math.max(rows, columns); k++) sum += at(i, k) * at(j, k);
        assert.ok(Math.abs(sum - (i === j ? gain * gain : 0)) < 1e-12, `(${i}, ${j}): ${sum}`);
      }
  }
});

test('the same stream draws the same kernel, another layer draws another', () => {
  for (const init of Object.values(inits)) {
    const options = {
      kind: init.card.name,
      ...Object.fromEntries(Object.entries(init.fields).map(([field, { default: value }]) => [field, value])),
    };
    const draw = (layer: number) => Array.from(init.draw(rng(3, 'init', layer), { shape: [4, 3], fanIn: 4, fanOut: 3 }, options));
    assert.deepEqual(draw(1), draw(1));
    assert.notDeepEqual(draw(1), draw(2));
  }
});
