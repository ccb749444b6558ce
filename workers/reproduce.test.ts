/** @file `plateau reproduce`: what it prints, what it compares with, and what it refuses. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { panigrahi2020activations } from '#core/papers/panigrahi2020activations.ts';
import { reproduce } from './reproduce.ts';

async function said(...args: string[]) {
  let [out, err] = ['', ''];
  const code = await reproduce(
    args,
    (text) => void (out += text),
    (text) => void (err += text),
  );
  return { code, out, err };
}

test('one claim: its verdict with every number, as recorded', async () => {
  const { code, out, err } = await said('--claim', 'chainMedians');
  assert.equal(code, 0);
  assert.match(out, /^reproduced +A product of random weights/);
  assert.match(
    out,
    /slope of the median log per layer, uniform: -0\.4\d+ \[-0\.\d+, -0\.\d+\], predicted -0\.4507, allowed \[-0\.4607, -0\.4407\]/,
  );
  assert.match(err, /1 of 1 verdicts as recorded/);
});

test('--json gives the findings alone on standard output, infinities as text', async () => {
  const { claims, recorded } = panigrahi2020activations;
  const { code, out } = await said('panigrahi2020activations', '--json');
  assert.equal(code, 0);
  const results = JSON.parse(out) as { claim: string; verdict: string; finding: { estimates: { window: unknown[] }[] } }[];
  assert.deepEqual(
    results.map(({ claim, verdict }) => [claim, verdict]),
    claims.map(({ name }) => [name, recorded[name]!.verdict]),
  );
  const depthCures = results.find(({ claim }) => claim === 'depthCures');
  assert.deepEqual(depthCures!.finding.estimates[0]!.window, [10_000, 'Infinity']);
});

test('--list measures nothing; unknown papers, claims and budgets are refused with what is known', async () => {
  assert.match((await said('--list')).out, /marion2022scaling regimes: Independent weights/);
  await assert.rejects(said('nobody2020'), /unknown paper: nobody2020; known: .*marion2022scaling/);
  await assert.rejects(said('marion2022scaling', '--claim', 'chainMedians'), /unknown claim: chainMedians; known: regimes/);
  await assert.rejects(said('--budget', 'huge'), /--budget must be tiny, quick, full, got huge/);
  await assert.rejects(said('--seed', '1.5'), /--seed must be an integer/);
  await assert.rejects(said('--frobnicate'), /frobnicate/);
});

test('a claim that cannot be measured says why, and the others are measured all the same', async () => {
  let out = '';
  const code = await reproduce(
    ['panigrahi2020activations', '--jobs', '1'],
    (text) => void (out += text),
    () => {},
    async ({ claim }) => {
      if (claim === 'halfCircleLaws') throw new Error('a run of halfCircleLaws crashed: no memory');
      return { estimates: [{ name: 'growth', value: 1, interval: [1, 1], predicted: 3, window: [2, 4] }], curves: [] };
    },
  );
  assert.equal(code, 1);
  assert.match(out, /not measured.*\n.*\n +a run of halfCircleLaws crashed: no memory/);
  assert.match(out, /contradicted +Depth cures smooth activations {2}\(recorded: reproduced\)/);
});

test('--server: asked, followed until it is measured, and every refusal is told', async () => {
  const finding = {
    estimates: [{ name: 'growth', value: 5, interval: [5, 5], predicted: 'Infinity', window: [2, 'Infinity'] }],
    curves: [],
  };
  let asked = 0;
  const server = createServer((request, response) => {
    const answer = { id: 'f1', share: 0.5, finding: null, reason: null };
    const data =
      asked++ === 0
        ? { measureClaim: { ...answer, state: 'measuring' } }
        : { finding: { ...answer, state: 'measured', share: 1, finding } };
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(JSON.stringify({ data })));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, out } = await said('--claim', 'depthCures', '--server', address);
  assert.equal(code, 0);
  assert.match(out, /^reproduced +Depth cures[^]*growth: 5 \[5, 5\], predicted ∞, allowed \[2, ∞\]/);
  server.close();
  const gone = await said('--claim', 'depthCures', '--server', address);
  assert.equal(gone.code, 1);
  assert.match(gone.out, /not measured[^]*no server answers at http:\/\/127/);
  await assert.rejects(said('--server', 'here'), /--server must be an address/);
});
