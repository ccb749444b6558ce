/** @file The rates shown before a run are those its first two steps record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parameterizations } from '../parameterizations/index.ts';
import { layerRates } from './layerRates.ts';
import { assertClose, openSteps, smallSpec } from './steps.fixture.ts';

for (const kind of Object.keys(parameterizations))
  for (const optimizer of ['sgd', 'adam'])
    test(`${kind}, ${optimizer}: what is foretold is what the metric records`, () => {
      const network = { kind: 'mlpChain', depth: kind === 'meanField' ? 1 : 4, width: 9 };
      const spec = smallSpec({ network, parameterization: kind, optimizer: { kind: optimizer, learningRate: 0.03 } });
      const steps = openSteps(spec);
      const recorded = [0, 1].map(() => steps.step().metrics.layerLearningRate ?? new Float64Array(network.depth + 1).fill(0.03));
      const foretold = layerRates(spec, { inputs: 5, outputs: 3 });
      const names = steps.plan.network.layers.map(({ name }) => name);
      const each = (of: 'first' | 'later') =>
        names.map((_, l) => foretold?.find(({ from, to }) => names.indexOf(from) <= l && l <= names.indexOf(to))?.[of] ?? 0.03);
      assertClose(each('first'), recorded[0]!, 1e-12);
      assertClose(each('later'), recorded[1]!, 1e-12);
      if (kind === 'standard') assert.equal(foretold, null);
    });

test('layers that share their rates are one group; calibrated rates are not foretold', () => {
  const network = { kind: 'mlpChain', depth: 6, width: 16 };
  const spec = smallSpec({ network, parameterization: 'muP', optimizer: { kind: 'sgd', learningRate: 0.5 } });
  assert.deepEqual(layerRates(spec, { inputs: 5, outputs: 3 }), [
    { from: 'layer1', to: 'layer1', first: 8, later: 8 },
    { from: 'layer2', to: 'layer6', first: 0.5, later: 0.5 },
    { from: 'readout', to: 'readout', first: 1 / 32, later: 1 / 32 },
  ]);
  const calibrated = smallSpec({
    network,
    parameterization: { kind: 'ipLlr', calibrate: true },
    optimizer: { kind: 'sgd', learningRate: 0.5 },
  });
  const rates = layerRates(calibrated, { inputs: 5, outputs: 3 })!;
  assert.deepEqual(
    rates.map(({ first }) => first),
    [16 ** 3.5, null, null],
  );
});
