/**
 * @file A binary unit's true and coarse gradients, in expectation over Gaussian inputs.
 *
 * y = vᵀ 1[Z w > 0] with Z [m, n] standard normal, squared error ½(y - y*)² to a teacher v*, w* with ‖w‖ = ‖w*‖ = 1, θ the angle between w
 * and w*. Source: Yin, Lyu, Zhang, Osher, Qi and Xin 2019; formulas derived here and checked against Monte Carlo.
 */
import { dot } from '../curvature/vectors.ts';

export interface BinaryNetwork {
  readonly v: Float64Array;
  readonly w: Float64Array;
  readonly teacherV: Float64Array;
  readonly teacherW: Float64Array;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const angle = ({ w, teacherW }: BinaryNetwork): number => Math.acos(Math.min(1, Math.max(-1, dot(w, teacherW))));

/** Mean squared error, halved. */
export function populationLoss(network: BinaryNetwork): number {
  const { v, teacherV } = network;
  const own = (dot(v, v) + sum(v) ** 2) / 4;
  const teacher = (dot(teacherV, teacherV) + sum(teacherV) ** 2) / 4;
  const across = ((1 - (2 * angle(network)) / Math.PI) * dot(v, teacherV) + sum(v) * sum(teacherV)) / 4;
  return (own + teacher) / 2 - across;
}

/** Its gradient by w: along the part of w* across w; not defined where there is none. */
export function trueGradient(network: BinaryNetwork): Float64Array {
  const { v, w, teacherV, teacherW } = network;
  const across = teacherW.map((value, i) => value - dot(w, teacherW) * w[i]!);
  const length = Math.sqrt(dot(across, across));
  return across.map((value) => (-dot(v, teacherV) / (2 * Math.PI)) * (value / length));
}

/** What stands in for the derivative of 1[z > 0] on the way back: 1, or 1[z > 0]. */
export function coarseGradient({ v, w, teacherV, teacherW }: BinaryNetwork, backward: 'identity' | 'relu'): Float64Array {
  const agreement = dot(v, teacherV);
  const root = Math.sqrt(2 * Math.PI);
  if (backward === 'identity') return w.map((value, i) => (dot(v, v) * value - agreement * teacherW[i]!) / root);
  const along = dot(v, v) + sum(v) ** 2 - sum(v) * sum(teacherV);
  return w.map((value, i) => (along * value - agreement * teacherW[i]!) / (2 * root));
}

/** The readout that is best for w = -w*: a minimum of the loss, but not the smallest. Solves (I + 11ᵀ) v = (11ᵀ - I) v*. */
export function spuriousReadout(teacherV: Float64Array): Float64Array {
  const right = teacherV.map((value) => sum(teacherV) - value);
  const shift = sum(right) / (1 + teacherV.length); // (I + 11ᵀ)⁻¹ = I - 11ᵀ/(1 + m)
  return right.map((value) => value - shift);
}
