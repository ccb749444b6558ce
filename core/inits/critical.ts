/** @file The edge of chaos: the variance of weights at which, for an activation, nearby inputs neither meet nor part. */
import type { InitRequest } from '../define.ts';

// the trapezoid rule on a fine grid: exact to rounding for smooth φ; an even number of nodes keeps 0, where φ may have its kink, between two
const reach = 8.5;
const fine = rule(4_000);
const coarse = rule(400);

function rule(nodes: number) {
  const points = Float64Array.from({ length: nodes }, (_, i) => -reach + (2 * reach * i) / (nodes - 1));
  const weights = points.map((z) => (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * ((2 * reach) / (nodes - 1)));
  return { points, weights };
}

/** Variances of pre-activations between which a fixed point is looked for, in steps of a factor of 1.6. */
const [smallest, largest] = [1e-6, 1e4];
const candidates = Array.from({ length: 50 }, (_, i) => smallest * (largest / smallest) ** (i / 49));
/** The quadrature is off by less where φ has a kink. */
const tolerance = 1e-5;

export interface CriticalPoint {
  readonly variance: number;
  readonly q: number;
}
const known = new WeakMap<InitRequest['activation'], Map<number, CriticalPoint | null>>();

/** The same as `findCriticalPoint`, once for each activation of a run and σ_b. */
export function criticalPoint(activation: InitRequest['activation'], sigmaB: number): CriticalPoint | null {
  const points = known.get(activation) ?? new Map<number, CriticalPoint | null>();
  known.set(activation, points);
  if (!points.has(sigmaB)) points.set(sigmaB, findCriticalPoint(activation, sigmaB));
  return points.get(sigmaB)!;
}

/**
 * σ_w² and the fixed point q of the pre-activations' variance, with σ_w² E φ′(√q z)² = 1 and q = σ_w² E φ(√q z)² + σ_b². Of several the one of
 * least q. In the limit q → 0 for what is linear on either side of 0 without biases (tanh); at q = 1 where the condition on σ_w holds for every
 * q (ReLU), though biases then add σ_b² to the variance in every layer. Null where there is none: of x² without biases, of softplus, whose mean
 * outgrows every q.
 */
function findCriticalPoint(activation: InitRequest['activation'], sigmaB: number): CriticalPoint | null {
  /** E φ² and E φ′² for each q. */
  const moments = (of: readonly number[], { points, weights } = fine) => {
    const n = points.length;
    const { value, slope } = activation(
      Float64Array.from({ length: of.length * n }, (_, i) => Math.sqrt(of[Math.floor(i / n)]!) * points[i % n]!),
    );
    const mean = (y: Float64Array, k: number) => weights.reduce((sum, weight, i) => sum + weight * y[k * n + i]! ** 2, 0);
    return of.map((q, k) => ({ q, value: mean(value, k), slope: mean(slope, k) }));
  };
  const excess = ({ q, value, slope }: { q: number; value: number; slope: number }) => value / slope + sigmaB ** 2 - q;
  const at = (q: number) => ({ variance: 1 / moments([q])[0]!.slope, q });
  const homogeneous = moments([smallest, 1, largest]).every(({ q, value, slope }) => Math.abs(value / slope / q - 1) < tolerance);
  if (homogeneous) return at(1);
  const [least] = moments([smallest]);
  if (sigmaB === 0 && least!.slope > tolerance && Math.abs(least!.value / least!.slope / smallest - 1) < 1e-3) return at(1e-14);
  const scanned = moments(candidates, coarse).map(excess);
  const found = scanned.findIndex((value, i) => value > 0 && scanned[i + 1]! <= 0);
  if (found < 0) return null;
  // the coarse rule may put the change of sign next door
  const bracket = [candidates[Math.max(0, found - 1)]!, candidates[Math.min(candidates.length - 1, found + 2)]!] as const;
  return at(Math.exp(zero((logQ) => excess(moments([Math.exp(logQ)])[0]!), Math.log(bracket[0]), Math.log(bracket[1]))));
}

/** Where a function goes from positive to negative, by regula falsi that halves an end which stays (Illinois). */
function zero(f: (x: number) => number, low: number, high: number): number {
  let [atLow, atHigh, stayed] = [f(low), f(high), 0];
  for (let i = 0; i < 100 && high - low > 1e-15; i++) {
    const x = (low * atHigh - high * atLow) / (atHigh - atLow);
    const value = f(x);
    if (value === 0 || x <= low || x >= high) return x;
    if (value > 0) {
      [low, atLow] = [x, value];
      if (stayed > 0) atHigh /= 2;
      stayed = 1;
    } else {
      [high, atHigh] = [x, value];
      if (stayed < 0) atLow /= 2;
      stayed = -1;
    }
  }
  return (low + high) / 2;
}
