/**
 * @file Two layers of thresholds, f(x) = Σ r_k 1[w_k·x > 0], against a teacher of the same kind on Gaussian inputs: the expected loss
 * ½ E (f - f*)², its gradient, and what straight-through estimators expect in its place. All angles between weights must be neither 0 nor π
 * where a gradient is asked for. Sources: Cho and Saul 2009 for E 1[w·x > 0] 1[v·x > 0] = (π - θ)/2π; Yin, Lyu, Zhang, Osher, Qi and Xin 2019.
 */
import { dot } from '../curvature/vectors.ts';

export interface ThresholdNetwork {
  /** w_k, one array of d numbers each. */
  readonly weights: readonly Float64Array[];
  /** r_k. */
  readonly readout: ArrayLike<number>;
}

const unit = (w: Float64Array): Float64Array => {
  const norm = Math.sqrt(dot(w, w));
  return w.map((value) => value / norm);
};
/** E 1[w·x > 0] 1[v·x > 0] for w, v of norm 1. */
const together = (w: Float64Array, v: Float64Array): number => (Math.PI - Math.acos(Math.min(1, Math.max(-1, dot(w, v))))) / (2 * Math.PI);

/** The student's units with their own weight, the teacher's with its negative: f - f* as one sum. */
const difference = (student: ThresholdNetwork, teacher: ThresholdNetwork) => [
  ...student.weights.map((w, k) => ({ unit: unit(w), readout: student.readout[k]! })),
  ...teacher.weights.map((w, k) => ({ unit: unit(w), readout: -teacher.readout[k]! })),
];

/** ½ E (f - f*)². */
export function populationLoss(student: ThresholdNetwork, teacher: ThresholdNetwork): number {
  const all = difference(student, teacher);
  const pair = (a: (typeof all)[number], b: (typeof all)[number]) => (a === b ? 1 / 2 : together(a.unit, b.unit)); // acos loses half the digits at 1
  return all.reduce((sum, a) => sum + all.reduce((inner, b) => inner + (a.readout * b.readout * pair(a, b)) / 2, 0), 0);
}

/** Its derivative by each w_k: Σ r_k r_l u/(2π‖w_k‖) over the other units of both networks, u the unit vector along w_l's part across w_k. */
export function populationGradient(student: ThresholdNetwork, teacher: ThresholdNetwork): Float64Array[] {
  const all = difference(student, teacher);
  return student.weights.map((w, k) => {
    const own = all[k]!;
    const gradient = new Float64Array(w.length);
    all.forEach((other, l) => {
      if (l === k) return;
      const along = dot(own.unit, other.unit);
      const across = other.unit.map((value, i) => value - along * own.unit[i]!);
      const norm = Math.sqrt(dot(across, across));
      if (norm === 0) return;
      const factor = (own.readout * other.readout) / (2 * Math.PI * Math.sqrt(dot(w, w)) * norm);
      across.forEach((value, i) => (gradient[i]! += factor * value));
    });
    return gradient;
  });
}

/**
 * What the straight-through gradient by each w_k is on average: E (f - f*) r_k s(w_k·x) x for s = 1 (identity) or s = 1[w_k·x > 0] (ReLU), with
 * E 1[v·x > 0] x = v/√2π and E 1[w·x > 0] 1[v·x > 0] x = (w + v)/2√2π for unit vectors.
 */
export function expectedCoarseGradient(
  student: ThresholdNetwork,
  teacher: ThresholdNetwork,
  backward: 'identity' | 'relu',
): Float64Array[] {
  const all = difference(student, teacher);
  return student.weights.map((w, k) => {
    const own = all[k]!;
    return w.map((_, i) =>
      all.reduce((sum, other) => {
        const direction = backward === 'identity' ? other.unit[i]! : (own.unit[i]! + other.unit[i]!) / 2;
        return sum + (own.readout * other.readout * direction) / Math.sqrt(2 * Math.PI);
      }, 0),
    );
  });
}
