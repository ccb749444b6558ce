/** @file The smallest eigenvalue on evenly spaced points of a half circle: a power of n for a kink, an exponential of n for smooth activations. */
import { dualKernels } from '../../theory/dualKernels.ts';
import { gramOfHidden, halfCircle, halfCircleRates } from '../../theory/gramLaws.ts';
import { exact, slope, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';
import { smallest } from '../simulations/gram.ts';

const kinks = { relu: 1, selu: 1, elu: 3 } as const; // the power of 1/n
const titles = { relu: 'ReLU', selu: 'SELU', elu: 'ELU', erf: 'erf', gelu: 'GELU' };
type Kind = keyof typeof titles;
const kinds = Object.keys(titles) as Kind[];
/** Smooth activations have nothing left beyond 24 points. */
const sizesOf = (budget: Budget) => (budget === 'full' ? [6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96] : [6, 10, 16, 24, 64]);

/** @param gramOf the Gram matrix of correlations under a kernel */
export function* lawsOnHalfCircle(budget: Budget, gramOf = gramOfHidden): Generator<number, Finding> {
  const sizes = sizesOf(budget);
  const found = Object.fromEntries(kinds.map((kind) => [kind, [] as number[]])) as Record<Kind, number[]>;
  const slopes = kinds.map((kind) => dualKernels[kind]().slope);
  for (const [i, n] of sizes.entries()) {
    for (const [k, kind] of kinds.entries()) found[kind].push(smallest(gramOf(halfCircle(n), slopes[k]!)));
    yield (i + 1) / sizes.length;
  }
  const rate = (kind: 'erf' | 'gelu') => {
    const kept = sizes.flatMap((n, i) => (n <= 24 && found[kind][i]! > 0 ? [[n, Math.log(found[kind][i]!)] as const] : []));
    return slope(
      kept.map(([n]) => n),
      kept.map(([, log]) => log),
    );
  };
  const most = sizes.at(-1)!;
  const coefficient = (kind: 'selu' | 'elu') => most ** kinks[kind] * found[kind].at(-1)!;
  const law = (kind: Kind, n: number) => (kind in kinks ? halfCircleRates[kind] / n ** kinks[kind as keyof typeof kinks] : null);
  const near = (value: number): [number, number] => [0.95 * value, 1.05 * value];
  return {
    estimates: [
      ...sizes.map((n, i) => exact(`ReLU, n λ_min at n = ${n}`, n * found.relu[i]!, halfCircleRates.relu, [0.2, 0.32])),
      exact('erf, slope of log λ_min', rate('erf'), -halfCircleRates.erf, [-1.05, -0.85]),
      exact('GELU, slope of log λ_min', rate('gelu'), -halfCircleRates.gelu, [-1.4, -1.1]),
      exact(`SELU, n λ_min at n = ${most}`, coefficient('selu'), halfCircleRates.selu, near(halfCircleRates.selu)),
      exact(`ELU, n³ λ_min at n = ${most}`, coefficient('elu'), halfCircleRates.elu, near(halfCircleRates.elu)),
    ],
    curves: kinds.map((kind) => ({
      figure: 'Smallest eigenvalue on the half circle',
      title: titles[kind],
      x: 'n',
      y: 'smallest eigenvalue',
      log: { y: true },
      ...(kind === 'relu' ? { law: '\\tfrac{1}{4n}' } : kind === 'elu' ? { law: '\\tfrac{\\pi^2}{24n^3}' } : {}),
      points: sizes.map((x, i) => ({ x, y: found[kind][i]!, predicted: law(kind, x) })),
    })),
  };
}

export const halfCircleLaws: SimulatedClaim = {
  name: 'halfCircleLaws',
  title: 'A kink keeps the smallest eigenvalue polynomial, smoothness makes it exponentially small',
  statement:
    'For points on a half circle the smallest eigenvalue of the Gram matrix falls like 1/n for ReLU and SELU, like 1/n³ for ELU, and exponentially in n for erf and GELU, at rates set by where their kernels are singular.',
  formula:
    '\\lambda_{\\min} \\sim \\tfrac1{4n}\\ (\\text{ReLU}),\\quad \\tfrac{\\pi^2}{24n^3}\\ (\\text{ELU}),\\quad e^{-n \\operatorname{arccosh}(3/2)}\\ (\\text{erf}),\\quad e^{-n \\operatorname{arccosh} 2}\\ (\\text{GELU})',
  provenance: 'derived',
  assumptions: ['infinite width, hidden layer trained', 'evenly spaced points, so that none are nearly equal'],
  recipe:
    'n = 6, 10, 16, 24 in float64: n λ_min of ReLU between 0.2 and 0.32 at every n; slopes of log λ_min against n between -1.05 and -0.85 (erf) and -1.4 and -1.1 (GELU), over n up to 24; at n = 64 SELU and ELU within 5% of their laws. Eigenvalues below 1e-13 of the largest are left out.',
  example: {
    network: 'twoLayer',
    activation: 'erf',
    dataset: 'halfCircle',
    batchSize: 24,
    loss: 'meanSquaredError',
    optimizer: { kind: 'gradientDescent' },
    metrics: { gram: 'auto' },
  },
  measure: (budget) => lawsOnHalfCircle(budget),
};
