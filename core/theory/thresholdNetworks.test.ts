/** @file Threshold networks on Gaussian inputs against drawn inputs, differences of the loss, and the gradients that the catalog's activation gives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activations } from '../activations/index.ts';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { rng } from '../rng.ts';
import { expectedCoarseGradient, populationGradient, populationLoss, type ThresholdNetwork } from './thresholdNetworks.ts';

const random = rng(3, 'test', 11);
const draw = (n: number) => Float64Array.from({ length: n }, () => random.normal());
const network = (d: number, m: number): ThresholdNetwork => ({ weights: Array.from({ length: m }, () => draw(d)), readout: draw(m) });
const [student, teacher] = [network(4, 3), network(4, 2)];
const value = ({ weights, readout }: ThresholdNetwork, x: Float64Array) =>
  weights.reduce((sum, w, k) => sum + (w.reduce((h, value, i) => h + value * x[i]!, 0) > 0 ? readout[k]! : 0), 0);

test('the expected loss is the mean over drawn inputs, within five standard errors', () => {
  const samples = Array.from({ length: 40_000 }, () => {
    const x = draw(4);
    return (value(student, x) - value(teacher, x)) ** 2 / 2;
  });
  const mean = samples.reduce((sum, of) => sum + of / samples.length, 0);
  const deviation = Math.sqrt(samples.reduce((sum, of) => sum + (of - mean) ** 2 / samples.length, 0));
  assert.ok(Math.abs(mean - populationLoss(student, teacher)) < (5 * deviation) / 200, `${mean}, not ${populationLoss(student, teacher)}`);
  assert.ok(Math.abs(populationLoss(student, student)) < 1e-7); // acos at 1
});

test('the gradient equals central differences of the loss to 1e-7, and is orthogonal to each weight', () => {
  const exact = populationGradient(student, teacher);
  student.weights.forEach((w, k) => {
    const along = w.reduce((sum, of, i) => sum + of * exact[k]![i]!, 0);
    assert.ok(Math.abs(along) < 1e-12, 'the loss does not see the length of a weight');
    w.forEach((_, i) => {
      const moved = (by: number) => {
        const weights = student.weights.map((other, l) => (l === k ? other.map((of, j) => (j === i ? of + by : of)) : other));
        return populationLoss({ ...student, weights }, teacher);
      };
      const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      assert.ok(Math.abs(slope - exact[k]![i]!) < 1e-7, `${k}, ${i}: ${exact[k]![i]}, not ${slope}`);
    });
  });
});

test('the mean of the straight-through gradients of the threshold is what is expected, within five standard errors', () => {
  const [n, d, m] = [30_000, 4, 3];
  const x = draw(n * d);
  const targets = Float64Array.from({ length: n }, (_, i) => value(teacher, x.subarray(i * d, (i + 1) * d)));
  for (const backward of ['identity', 'relu'] as const) {
    const g = createBuilder('float64');
    const kernel = g.input('w', [d, m]);
    const features = activations.threshold.apply(g, g.matMul(g.input('x', [n, d]), kernel), { kind: 'threshold', backward });
    const error = g.sub(g.matMul(features, g.input('r', [m, 1])), g.input('y', [n, 1]));
    const [got] = evaluate(gradient(g, g.mul(g.sum(g.square(error)), 0.5 / n), [kernel]), {
      x,
      y: targets,
      w: Float64Array.from({ length: d * m }, (_, at) => student.weights[at % m]![Math.floor(at / m)]!),
      r: Float64Array.from(student.readout),
    });
    const expected = expectedCoarseGradient(student, teacher, backward);
    // |f - f*| |r| |x| is at most about 4; 5 standard errors
    for (let k = 0; k < m; k++)
      for (let i = 0; i < d; i++)
        assert.ok(Math.abs(got![i * m + k]! - expected[k]![i]!) < (5 * 4) / Math.sqrt(n), `${backward} ${k}, ${i}: ${got![i * m + k]}`);
  }
});

test('one unit of the right sign against one: both stand-ins point downhill', () => {
  const [one, other] = [network(3, 1), network(3, 1)];
  const positive = { ...one, readout: [1] };
  const target = { ...other, readout: [1] };
  const [exact] = populationGradient(positive, target);
  for (const backward of ['identity', 'relu'] as const) {
    const [coarse] = expectedCoarseGradient(positive, target, backward);
    assert.ok(coarse!.reduce((sum, of, i) => sum + of * exact![i]!, 0) > 0);
  }
});
