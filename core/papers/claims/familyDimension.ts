/** @file How many dimensions the functions of a polynomial network fill: fewer than it has weights. */
import { lastRow } from '../../results.ts';
import { formsDimension } from '../../theory/polynomialDimension.ts';
import type { Budget, TrainedClaim } from '../claim.ts';
import { lean } from '../arms.ts';

const powers = { quadratic: 2, cubic: 3 } as const;
type Power = keyof typeof powers;
interface Shape {
  readonly activation: Power;
  readonly inputs: number;
  readonly width: number;
}
const shapes = (activation: Power, inputs: number, widths: readonly number[]): Shape[] =>
  widths.map((width) => ({ activation, inputs, width }));
const sizes: Readonly<Record<Budget, readonly Shape[]>> = {
  tiny: [...shapes('quadratic', 6, [2, 6]), ...shapes('cubic', 5, [6, 7])],
  quick: [...shapes('quadratic', 8, [1, 2, 3, 4, 6, 8, 10]), ...shapes('cubic', 5, [1, 2, 4, 6, 7, 8, 9])],
  full: [
    ...shapes(
      'quadratic',
      8,
      Array.from({ length: 12 }, (_, i) => i + 1),
    ),
    ...shapes(
      'cubic',
      5,
      Array.from({ length: 10 }, (_, i) => i + 1),
    ),
    ...shapes(
      'cubic',
      4,
      Array.from({ length: 8 }, (_, i) => i + 1),
    ),
  ],
};
const spec = ({ activation, inputs, width }: Shape, seed: number) => ({
  ...lean,
  network: { kind: 'twoLayer', width },
  activation,
  init: 'lecun',
  dataset: { kind: 'teacherStudent', inputs, train: 64, heldOut: 16 },
  loss: 'meanSquaredError',
  optimizer: { kind: 'sgd', learningRate: 1e-6 },
  batchSize: 16,
  steps: 1,
  seed,
  metrics: { ...lean.metrics, gram: 1, probeSize: 16 },
  runtime: { ...lean.runtime, precision: 'float64' },
});

export const familyDimension: TrainedClaim = {
  name: 'familyDimension',
  title: 'A polynomial network fills fewer dimensions than it has weights',
  statement:
    'With the activation z², z³ a two-layer network is a form of degree two or three, a sum of as many powers as there are units. The dimension of all forms it can be is a whole number known for every width, and equals the rank of the derivative of its outputs by its weights at random weights.',
  formula:
    '\\dim\\{\\textstyle\\sum_{k \\le h} a_k (w_k \\cdot x)^2\\} = dh - \\tbinom h2,\\qquad \\dim\\{\\textstyle\\sum_{k \\le h} a_k (w_k \\cdot x)^3\\} = \\min\\bigl(dh, \\tbinom{d+2}3\\bigr)',
  provenance: 'derived',
  assumptions: ['two layers, no biases, one output', 'weights in general position'],
  recipe:
    'Quadratic networks with 8 inputs and cubic ones with 5, widths from 1 until all forms are reached. The rank that the metric “Dimension of the function family” finds must equal the dimension, exactly, for every width.',
  discrepancy:
    'For seven units on five inputs the cubic family has 34 dimensions, not 35: one of the exceptions of Alexander and Hirschowitz, which a count of weights does not see.',
  example: { ...spec({ activation: 'cubic', inputs: 5, width: 7 }, 1), optimizer: { kind: 'sgd', learningRate: 0.001 }, steps: 200 },
  specs: (budget, seed) => sizes[budget].map((shape) => spec(shape, seed)),
  metrics: ['functionDimension'],
  judge(runs) {
    const found = runs.map((run) => {
      const { network, activation, dataset } = run.spec;
      const [kind, inputs, width] = [activation.kind as Power, dataset.inputs as number, network.width as number];
      const row = lastRow(run.series('functionDimension'));
      return { kind, inputs, width, rank: row?.[0] ?? NaN, dimension: formsDimension(powers[kind], inputs, width) };
    });
    const families = [...new Set(found.map(({ kind, inputs }) => `${kind}, ${inputs} inputs`))];
    return {
      estimates: found.map(({ kind, inputs, width, rank, dimension }) => ({
        name: `rank, ${kind}, ${inputs} inputs, ${width} units`,
        value: rank,
        interval: [rank, rank],
        predicted: dimension,
        window: [dimension, dimension],
      })),
      curves: families.map((family) => ({
        figure: 'Dimension over width',
        title: family,
        x: 'units',
        y: 'rank',
        points: found
          .filter(({ kind, inputs }) => `${kind}, ${inputs} inputs` === family)
          .map(({ width, rank, dimension }) => ({ x: width, y: rank, predicted: dimension })),
      })),
    };
  },
};
