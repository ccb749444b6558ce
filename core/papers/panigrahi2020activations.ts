/** @file P5: the smallest eigenvalue of the Gram matrix of gradients, which decides how fast a wide network fits, by activation. */
import type { Paper } from '../define.ts';
import { symmetricEigen } from '../curvature/symmetric.ts';
import { closedForms, deeper, geluSlope, gramOfHidden, halfCircle, halfCircleRates } from '../theory/gramLaws.ts';
import { slope, type SimulatedClaim, type Estimate } from './claim.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/panigrahi2020activations.json' with { type: 'json' };

/** Smallest eigenvalue; below 1e-13 of the largest it is rounding. */
function smallest(gram: readonly Float64Array[]): number {
  const { values } = symmetricEigen(Float64Array.from(gram.flatMap((row) => [...row])), gram.length);
  return values.at(-1)! < 1e-13 * values[0]! ? NaN : values.at(-1)!;
}
/** Nothing is drawn at random here, so an estimate is its own interval. */
const exact = (name: string, value: number, predicted: number, window: readonly [number, number]): Estimate => ({
  name,
  value,
  interval: [value, value],
  predicted,
  window,
});

const sizes = [6, 10, 16, 24];
const halfCircleLaws: SimulatedClaim = {
  name: 'halfCircleLaws',
  title: 'A kink keeps the smallest eigenvalue polynomial, smoothness makes it exponentially small',
  statement:
    'For points on a half circle the smallest eigenvalue of the Gram matrix falls like 1/n for ReLU and exponentially in n for erf and GELU, at rates set by where their kernels are singular.',
  formula:
    '\\lambda_{\\min} \\sim \\tfrac1{4n}\\ (\\text{ReLU}),\\quad e^{-n \\operatorname{arccosh}(3/2)}\\ (\\text{erf}),\\quad e^{-n \\operatorname{arccosh} 2}\\ (\\text{GELU})',
  provenance: 'derived',
  assumptions: ['infinite width, hidden layer trained', 'evenly spaced points, so that none are nearly equal'],
  recipe:
    'n = 6, 10, 16, 24 in float64: n λ_min of ReLU between 0.2 and 0.32 at every n; slopes of log λ_min against n between -1.05 and -0.85 (erf) and -1.4 and -1.1 (GELU).',
  example: {
    network: 'twoLayer',
    activation: 'erf',
    dataset: 'halfCircle',
    batchSize: 24,
    loss: 'meanSquaredError',
    optimizer: { kind: 'gradientDescent' },
    metrics: { gram: 'auto' },
  },
  *measure() {
    const slopes = { relu: closedForms.relu!().slope, erf: closedForms.erf!().slope, gelu: geluSlope };
    const found: Record<keyof typeof slopes, number[]> = { relu: [], erf: [], gelu: [] };
    for (const [i, n] of sizes.entries()) {
      for (const kind of ['relu', 'erf', 'gelu'] as const) found[kind].push(smallest(gramOfHidden(halfCircle(n), slopes[kind])));
      yield (i + 1) / sizes.length;
    }
    const kept = (kind: 'erf' | 'gelu') => sizes.map((n, i) => [n, found[kind][i]!] as const).filter(([, value]) => value > 0);
    const rate = (kind: 'erf' | 'gelu') =>
      slope(
        kept(kind).map(([n]) => n),
        kept(kind).map(([, value]) => Math.log(value)),
      );
    return {
      estimates: [
        ...sizes.map((n, i) => exact(`ReLU, n λ_min at n = ${n}`, n * found.relu[i]!, halfCircleRates.relu, [0.2, 0.32])),
        exact('erf, slope of log λ_min', rate('erf'), -halfCircleRates.erf, [-1.05, -0.85]),
        exact('GELU, slope of log λ_min', rate('gelu'), -halfCircleRates.gelu, [-1.4, -1.1]),
      ],
      curves: (['relu', 'erf', 'gelu'] as const).map((kind) => ({
        title: kind,
        x: 'n',
        y: 'smallest eigenvalue',
        points: sizes.map((x, i) => ({ x, y: found[kind][i]!, predicted: kind === 'relu' ? halfCircleRates.relu / x : null })),
      })),
    };
  },
};

const depthCures: SimulatedClaim = {
  name: 'depthCures',
  title: 'Depth cures smooth activations',
  statement:
    'Each layer of a smooth activation spreads the data apart: the smallest eigenvalue of the last hidden layer’s Gram matrix grows by orders of magnitude over sixteen layers, while for ReLU it hardly moves.',
  formula: '\\rho_{\\ell+1} = k_0(\\rho_\\ell)/k_0(1),\\qquad G^{(\\ell)} = \\rho_\\ell\\, k_1(\\rho_\\ell)',
  provenance: 'paper',
  assumptions: ['infinite width, normalized activations', '16 evenly spaced points on a half circle'],
  recipe: 'λ_min at depth 16 over depth 1: above 10,000 for erf, between 0.8 and 1.3 for ReLU.',
  example: {
    network: { kind: 'mlpChain', depth: 8 },
    activation: 'erf',
    init: 'lecun',
    dataset: 'halfCircle',
    batchSize: 24,
    loss: 'meanSquaredError',
    metrics: { gram: 'auto' },
  },
  *measure() {
    const depths = Array.from({ length: 16 }, (_, i) => i + 1);
    const walk = (kind: 'erf' | 'relu') => {
      const { slope: k1, value } = closedForms[kind]!();
      let correlations = halfCircle(16);
      return depths.map(() => {
        const found = smallest(gramOfHidden(correlations, k1));
        correlations = deeper(correlations, value);
        return found;
      });
    };
    const [erf, relu] = [walk('erf'), walk('relu')];
    yield 1;
    const ratio = (values: readonly number[]) => values.at(-1)! / values[0]!;
    return {
      estimates: [
        exact('erf, growth over 16 layers', ratio(erf), Infinity, [1e4, Infinity]),
        exact('ReLU, the same', ratio(relu), 1, [0.8, 1.3]),
      ],
      curves: [
        { title: 'erf', x: 'depth', y: 'smallest eigenvalue', points: depths.map((x, i) => ({ x, y: erf[i]!, predicted: null })) },
        { title: 'ReLU', x: 'depth', y: 'smallest eigenvalue', points: depths.map((x, i) => ({ x, y: relu[i]!, predicted: null })) },
      ],
    };
  },
};

export const panigrahi2020activations: Paper = {
  card: {
    name: 'panigrahi2020activations',
    title: 'Effect of activation functions on the training of overparametrized neural nets',
    formula: "G_{ij} = \\langle x_i, x_j\\rangle\\, \\mathbb E\\,\\phi'(w \\cdot x_i)\\,\\phi'(w \\cdot x_j)",
    about:
      'Activations with a kink keep the smallest eigenvalue of the Gram matrix large on any data; smooth ones lose it on data of low dimension, unless the network is deep.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {},
  claims: [halfCircleLaws, depthCures],
  recorded: recorded as RecordedClaims,
};
