/** @file `plateau reproduce`: what it prints, what it compares with, and what it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reproduce } from './reproduce.ts';

function said(...args: string[]) {
  let [out, err] = ['', ''];
  const code = reproduce(
    args,
    (text) => void (out += text),
    (text) => void (err += text),
  );
  return { code, out, err };
}

test('one claim: its verdict with every number, as recorded', () => {
  const { code, out, err } = said('--claim', 'chainMedians');
  assert.equal(code, 0);
  assert.match(out, /^reproduced +A product of random weights/);
  assert.match(out, /slope of the median log per layer: -0\.4\d+ \[-0\.\d+, -0\.\d+\], predicted -0\.4507, allowed \[-0\.4607, -0\.4407\]/);
  assert.match(err, /1 of 1 verdicts as recorded/);
});

test('--json gives the findings alone on standard output, infinities as text', () => {
  const { code, out } = said('panigrahi2020activations', '--json');
  assert.equal(code, 0);
  const results = JSON.parse(out) as { claim: string; verdict: string; finding: { estimates: { window: unknown[] }[] } }[];
  assert.deepEqual(
    results.map(({ claim, verdict }) => [claim, verdict]),
    [
      ['halfCircleLaws', 'reproduced'],
      ['depthCures', 'reproduced'],
    ],
  );
  assert.deepEqual(results[1]!.finding.estimates[0]!.window, [10_000, 'Infinity']);
});

test('--list measures nothing; unknown papers, claims and budgets are refused with what is known', () => {
  assert.match(said('--list').out, /marion2022scaling regimes: Independent weights/);
  assert.throws(() => said('nobody2020'), /unknown paper: nobody2020; known: marion2022scaling/);
  assert.throws(() => said('marion2022scaling', '--claim', 'chainMedians'), /unknown claim: chainMedians; known: regimes/);
  assert.throws(() => said('--budget', 'huge'), /--budget must be quick or full, got huge/);
  assert.throws(() => said('--seed', '1.5'), /--seed must be an integer/);
  assert.throws(() => said('--frobnicate'), /frobnicate/);
});
