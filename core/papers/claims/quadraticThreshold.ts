/** @file How many samples a wide network with quadratic units needs to find a narrow one: a few per input, whatever its width. */
import { rng } from '../../rng.ts';
import { median } from '../../statistics.ts';
import { bootstrap, drawnSoFar, type Budget, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';
import { quadraticError } from '../simulations/quadraticStudent.ts';

interface Size {
  readonly inputs: number;
  readonly student: number;
  readonly steps: number;
  readonly seeds: number;
  readonly ratios: readonly number[];
}
const sizes: Readonly<Record<Budget, Size>> = {
  tiny: { inputs: 10, student: 12, steps: 6_000, seeds: 5, ratios: [1, 4.5] },
  quick: { inputs: 20, student: 25, steps: 8_000, seeds: 5, ratios: [1, 2, 3, 4.5] },
  full: { inputs: 20, student: 25, steps: 24_000, seeds: 12, ratios: [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5] },
};
const teachers = [1, 2];
const learningRate = 0.001;

/** Errors of the drawn tasks, by teacher and by samples over inputs. */
export function* overSamples(budget: Budget, seed: number, errorOf = quadraticError): Generator<Progress, Finding> {
  const { inputs, student, steps, seeds, ratios } = sizes[budget];
  const found = teachers.map((): number[][] => []);
  const middle = (values: readonly number[]) => bootstrap([values], ([all]) => median(all!), seed);
  const thresholdOf = (teacher: number) => ((teacher + 1) * inputs - (teacher * (teacher + 1)) / 2) / inputs;
  const curves = () =>
    teachers.map((teacher, at) => ({
      figure: 'Error over the number of samples',
      title: `teacher of ${teacher}, threshold at ${thresholdOf(teacher).toFixed(2)}`,
      x: 'samples over inputs',
      y: 'relative error of the form',
      log: { y: true },
      points: found[at]!.map((values, i) => {
        const { value: y, interval } = middle(values);
        return { x: ratios[i]!, y, interval, predicted: null };
      }),
    }));
  for (const [at, teacher] of teachers.entries())
    for (const ratio of ratios) {
      const values: number[] = [];
      for (let i = 0; i < seeds; i++) {
        const task = { inputs, teacher, student, samples: Math.round(ratio * inputs), steps };
        values.push(errorOf(task, rng(seed, 'data', i, teacher), learningRate));
        yield (at + (found[at]!.length + (i + 1) / seeds) / ratios.length) / teachers.length;
      }
      found[at]!.push(values);
      yield drawnSoFar((at + found[at]!.length / ratios.length) / teachers.length, curves());
    }
  const side = (at: number, index: number, predicted: number, window: readonly [number, number]) => ({
    name: `relative error, ${teachers[at]} unit${at > 0 ? 's' : ''} in the teacher, n/d = ${ratios.at(index)}`,
    ...middle(found[at]!.at(index)!),
    predicted,
    window,
  });
  return {
    estimates: teachers.flatMap((_, at) => [side(at, 0, 1, [0.3, Infinity]), side(at, -1, 0, [0, 0.05])]),
    curves: curves(),
  };
}

export const quadraticThreshold: SimulatedClaim = {
  name: 'quadraticThreshold',
  title: 'A wide quadratic network needs samples by the inputs, not by its weights',
  statement:
    'Gradient descent on a network with more quadratic units than inputs finds a teacher of few units from a number of samples that grows with the inputs, not with the weights of the student: below the threshold it fits the samples and errs elsewhere, well above it it recovers the teacher.',
  formula: 'n_* \\approx (m_* + 1)\\,d - \\tfrac{m_*(m_*+1)}2',
  provenance: 'our choice',
  assumptions: [
    'activation z², Gaussian inputs and weights, no noise',
    'student of 25 units on 20 inputs, full-batch descent from unit weights',
  ],
  recipe:
    'Teachers of 1 and 2 units, n/d from 1 to 4.5, 8,000 steps (full: 24,000), 5 draws (full: 12). The median relative error must be above 0.3 at n/d = 1 and below 0.05 at n/d = 4.5. The formula of the threshold is recalled, not read; the steps and bounds are ours.',
  discrepancy:
    'Near the threshold the error falls slowly with the steps: after as many steps as we take it has not dropped sharply at one number of samples, so that only both sides are claimed.',
  example: {
    network: { kind: 'twoLayer', width: 25 },
    activation: 'quadratic',
    dataset: { kind: 'teacherStudent', inputs: 20 },
    loss: 'meanSquaredError',
    optimizer: { kind: 'gradientDescent', learningRate: 0.001 },
  },
  measure: (budget, seed) => overSamples(budget, seed),
};
