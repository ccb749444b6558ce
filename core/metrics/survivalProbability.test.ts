/** @file Survival probabilities and the expected depth against the logits they are made of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialWeights, planRun } from '../programs/plan.ts';
import { smallSpec } from '../programs/steps.fixture.ts';
import { hostMetrics, weightsMoment } from '../programs/weights.ts';

const planned = (stochasticDepth: boolean) =>
  planRun(smallSpec({ network: { kind: 'resnet', depth: 3, width: 4, stochasticDepth } }), { inputs: 5, outputs: 3, targets: 'labels' });

test('survival probabilities stand where a block ends, 0 for a pruned one, and add up to the expected depth', () => {
  const plan = planned(true);
  const weights = initialWeights(plan);
  const stack = plan.stacks.find(({ members }) => members.some(({ name }) => name === 'block1.logit'))!;
  weights.get(stack.name)!.set([1.5, -2.95, NaN]);
  const found = () =>
    Object.fromEntries(
      hostMetrics('weights', plan)
        .filter(({ card: { name } }) => /survival|expectedDepth/.test(name))
        .map(({ card: { name }, weights: of }) => [name, [...of!(weightsMoment(plan, weights, weights))]]),
    );
  const first = 1 / (1 + Math.exp(-1.5));
  assert.deepEqual(found(), { survivalProbability: [NaN, NaN, first, NaN, 0, NaN, NaN, NaN], expectedDepth: [NaN] });
  weights.get(stack.name)!.set([1.5, -2.95, 0]);
  assert.deepEqual(found().expectedDepth, [first + 0.5]);
  assert.ok(hostMetrics('weights', planned(false)).every(({ card: { name } }) => !/survival|expectedDepth/.test(name)));
});
