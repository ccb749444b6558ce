/** @file Ticks of logarithmic axes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countTicks, logTicks, tickText } from './ticks.ts';

test('an axis of any length has between two and seven ticks, all inside it and rising', () => {
  for (let length = 0.02; length < 80; length *= 1.13)
    for (const low of [-41.37, -3.99, -0.5, 0, 0.77, 12.001]) {
      const { tickvals, ticktext } = logTicks(low, low + length);
      const at = tickvals.map(Math.log10);
      assert.ok(at.length >= 2 && at.length <= 7, `${low} + ${length}: ${ticktext.join(' ')}`);
      assert.ok(at.every((value, i) => value >= low - 1e-9 && value <= low + length + 1e-9 && (i === 0 || value > at[i - 1]!)));
      assert.equal(new Set(ticktext).size, ticktext.length, `${low} + ${length}: two ticks read the same: ${ticktext.join(' ')}`);
    }
});

test('small axes are read in plain numbers, large ones in powers of ten', () => {
  assert.deepEqual(logTicks(-2.2, 1.1).ticktext, ['0.01', '0.1', '1', '10']);
  assert.deepEqual(logTicks(0.1, 1.2).ticktext, ['2', '5', '10']);
  assert.deepEqual(logTicks(-23, 1).tickvals, [1e-20, 1e-15, 1e-10, 1e-5, 1]);
  assert.equal(tickText(2e-7), '2·10<sup>−7</sup>');
  assert.equal(tickText(1e-20), '10<sup>−20</sup>');
  assert.equal(tickText(20_000), '20,000');
});

test('layers are counted one by one while they are few, in round numbers when they are many', () => {
  assert.deepEqual(countTicks(4, 8), { tick0: 1, dtick: 1 });
  assert.deepEqual(countTicks(10, 8), { tick0: 2, dtick: 2 });
  assert.deepEqual(countTicks(300, 8), { tick0: 50, dtick: 50 });
  assert.deepEqual(countTicks(1000, 12), { tick0: 100, dtick: 100 });
});
