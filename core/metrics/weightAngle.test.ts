/** @file The angle of a step against half-angle formulas in float64, where most of the change lies along the weights. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { norm, openSteps, smallSpec } from '../programs/steps.fixture.ts';

/** Kahan's: 2 atan2(‖a/‖a‖ - b/‖b‖‖, ‖a/‖a‖ + b/‖b‖‖) has all digits at every angle. */
function angleBetween(a: Float64Array, b: Float64Array): number {
  const [x, y] = [a, b].map((values) => values.map((value) => value / norm(values))) as [Float64Array, Float64Array];
  return 2 * Math.atan2(norm(x.map((value, i) => value - y[i]!)), norm(x.map((value, i) => value + y[i]!)));
}

const network = { kind: 'mlpChain', depth: 3, width: 6, normalization: 'batchNorm' };
const sgd = (learningRate: number) => ({ kind: 'sgd', learningRate });
for (const [title, changes] of [
  // gradients of 1 make the norm grow to hundreds between rescalings
  ['weight rescaling now and then', { network, optimizer: sgd(300), regularizer: { kind: 'weightRescaling', every: 3 } }],
  ['weight rescaling of layers', { network, optimizer: sgd(300), regularizer: { kind: 'weightRescaling', every: 2, scope: 'layer' } }],
  ['decoupled decay of nearly everything', { optimizer: sgd(1e-6), regularizer: { kind: 'decoupledWeightDecay', coefficient: 99 } }],
  ['coupled decay without much of a gradient', { optimizer: sgd(1e-3), regularizer: { kind: 'l2', coefficient: 100 }, loss: 'unhinged' }],
  ['a start that is forgotten', { parameterization: { kind: 'hybrid', baseWidth: 1 }, optimizer: sgd(1e-7) }],
  ['decay of the optimizer’s own', { optimizer: { kind: 'adamW', learningRate: 1e-7, decay: 100 } }],
] as const)
  test(`${title}: the angle has twelve digits`, () => {
    const steps = openSteps(smallSpec({ ...changes, steps: 7 }));
    for (let t = 0; t < 7; t++) {
      const { weights, next, metrics } = steps.step();
      steps.plan.network.layers.forEach(({ name }, layer) => {
        const [before, after] = [weights.get(`${name}.weight`)!, next.get(`${name}.weight`)!];
        const truth = angleBetween(before, after);
        const got = metrics.weightAngle![layer]!;
        // what rounding makes of a change turns the weights that are left
        const turned = 2 ** -51 * (1 + norm(before) / norm(after));
        assert.ok(Math.abs(got - truth) <= 1e-12 * truth + turned, `step ${t}, ${name}: ${got}, not ${truth}`);
      });
    }
  });

test('weights of zero have no direction: the angle is not a number', () => {
  const steps = openSteps(smallSpec({ regularizer: { kind: 'l2', coefficient: 0.1 } }));
  steps.set('layer2.weight', new Float64Array(16));
  const { metrics } = steps.step();
  assert.deepEqual([...metrics.weightAngle!].map(Number.isNaN), [false, true, false, false]);
});
