/** @file The record of a step: every number where the metrics look for it, in whatever order it is made. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { catalog } from '../catalog.ts';
import { createBuilder } from '../graph/builder.ts';
import { evaluate, planEvaluation } from '../graph/evaluate.ts';
import { norm, type Recorded, type StepMoment } from '../metrics/moments.ts';
import { rng } from '../rng.ts';
import { finishRow, recordOf } from './record.ts';
import { assertClose, openSteps, smallSpec } from './steps.fixture.ts';
import { trainingProgram } from './training.ts';

test('layers that wait for each other and layers that do not: norms, products and the update as loops over the weights find them', () => {
  for (const optimizer of ['sgd', 'adam', 'momentum'])
    for (const decay of [0, 0.1]) {
      const spec = smallSpec({
        network: { kind: 'mlpChain', depth: 3, width: 256 }, // 256 x 256: numbers next to the update
        optimizer: { kind: optimizer, learningRate: 0.01 },
        regularizer: { kind: 'decoupledWeightDecay', coefficient: decay },
        metrics: { step: 'all' },
      });
      const steps = openSteps(spec);
      const { records } = trainingProgram(steps.plan, steps.data.train.n).program;
      assert.ok(records[0]!.value.inputs.some(({ op, shape }) => op === 'slice' && shape[0] === 1));
      for (let t = 0; t < 2; t++) {
        const { weights, next, metrics } = steps.step();
        const kernels = [...weights.keys()].filter((name) => name.endsWith('.weight'));
        const changes = new Map([...weights].map(([name, values]) => [name, values.map((w, i) => next.get(name)![i]! - w)]));
        const dot = (name: string) => weights.get(name)!.reduce((sum, w, i) => sum + w * changes.get(name)![i]!, 0);
        const each = (of: (name: string) => number) => kernels.map(of);
        const where = `${optimizer} ${decay} step ${t}`;
        assertClose(
          metrics.weightNorm!,
          each((name) => norm(weights.get(name)!)),
          1e-12,
          where,
        );
        assertClose(
          metrics.updateNorm!,
          each((name) => norm(changes.get(name)!)),
          1e-9,
          where,
        );
        const parts = [(name: string) => norm(weights.get(name)!), (name: string) => norm(changes.get(name)!), dot];
        const expected = catalog.metric.weightAngle!.step!.finish(parts.map((of) => Float64Array.from(kernels, of)));
        assertClose(metrics.weightAngle!, expected, 1e-7, where);
        if (optimizer !== 'sgd' || decay > 0) continue;
        assertClose(
          metrics.gradNorm!,
          each((name) => norm(changes.get(name)!) / 0.01),
          1e-9,
          where,
        );
        assertClose(
          metrics.cosineWeightGradient!,
          each((name) => -dot(name) / norm(changes.get(name)!) / norm(weights.get(name)!)),
          1e-9,
          where,
        );
        assertClose(metrics.gradientGlobalNorm!, [norm(Float64Array.from(changes.values(), norm)) / 0.01], 1e-9, where);
      }
    }
});

test('pieces in any order, factors, and nodes that several metrics share stand in the record once', () => {
  const g = createBuilder('float64');
  const [a, b, factor, after] = [g.input('a', [2]), g.input('b', [1]), g.input('factor', []), g.input('after', [3, 2])];
  const weightNorm: Recorded = { pieces: [{ values: a }, { values: b, beside: after }], order: Int32Array.of(2, 0, 1) };
  const changeNorm: Recorded = {
    pieces: [
      { values: a, factor },
      { values: b, factor, beside: after },
    ],
    order: Int32Array.of(2, 0, 1),
  };
  const activationRms: Recorded = { pieces: [{ values: g.input('rms', [3]) }], early: true };
  const moment = { loss: g.input('loss', []), weightNorm, changeNorm, activationRms } as Partial<StepMoment> as StepMoment;
  const { record, metrics } = recordOf(g, ['activationNorm', 'weightNorm', 'updateNorm'], moment, 3);
  assert.deepEqual(
    record.inputs.map(({ op, inputs, attrs }) => (attrs.name ?? inputs[0]?.attrs.name ?? op) as string),
    ['loss', 'factor', 'a', 'slice', 'b', 'rms'],
  );
  const random = rng(3, 'test');
  const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
  const feeds = { loss: draw(1), a: draw(2), b: draw(1), factor: draw(1), after: draw(6), rms: draw(3) };
  const [values] = evaluate(planEvaluation([record]), feeds);
  const two = Float64Array.of(...new Float64Array(values!.length).fill(NaN), ...values!); // the second row of two
  const row = (name: string) => [
    ...finishRow(
      metrics.find((metric) => metric.name === name)!,
      two,
      1,
      values!.length,
    ),
  ];
  const norms = [feeds.b[0]!, ...feeds.a];
  assert.deepEqual(row('loss'), [...feeds.loss]);
  assert.deepEqual(row('weightNorm'), norms);
  assert.deepEqual(
    row('updateNorm'),
    norms.map((value) => value * feeds.factor[0]!),
  );
  assert.deepEqual(row('activationNorm'), [...feeds.rms]);
});
