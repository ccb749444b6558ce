/** @file The variances of a whole network's weights under the law of the integrable experiments, as published for four activations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialWeights, planRun } from '../programs/plan.ts';
import { smallSpec } from '../programs/steps.fixture.ts';

for (const [activation, v] of [
  ['relu', 2],
  ['gelu', 4],
  ['elu', 1],
  ['tanh', 1],
] as const)
  test(`${activation}: v = ${v} in hidden layers, v/(d + 1) and biases of the first, 1 in the readout, within five standard errors`, () => {
    const [d, m] = [5, 300];
    const network = { kind: 'mlpChain', depth: 2, width: m };
    const spec = (parameterization: string) =>
      smallSpec({ network, activation, init: { kind: 'slopeNormal', inputBias: 1 }, parameterization });
    const weights = (parameterization: string) => {
      const plan = planRun(spec(parameterization), { inputs: d, outputs: 3, targets: 'labels' }, { groupLimit: 0 });
      return initialWeights(plan);
    };
    const drawn = weights('standard');
    for (const [name, variance] of [
      ['layer1.weight', v / (d + 1)],
      ['layer1.bias', v],
      ['layer2.weight', v / m],
      ['layer2.bias', 0],
      ['readout.weight', 1 / m],
    ] as const) {
      const values = drawn.get(name)!;
      const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      assert.ok(Math.abs(square - variance) <= 5 * variance * Math.sqrt(2 / values.length), `${name}: ${square}, not ${variance}`);
    }
    // the integrable start: the same U with 1/m in place of 1/√m behind the first layer
    for (const [name, values] of weights('ip'))
      values.forEach((value, i) => {
        const expected = drawn.get(name)![i]! * (/^(layer2|readout)\.weight/.test(name) ? m ** -0.5 : 1);
        assert.ok(Math.abs(value - expected) <= 1e-12 * Math.abs(expected), name);
      });
  });

test('an activation that is flat at 0 is refused', () => {
  assert.throws(
    () => smallSpec({ init: 'slopeNormal', activation: 'quadratic' }),
    /init: slopeNormal needs an activation with a slope at 0/,
  );
});
