/** @file A network with quadratic units learns a narrow one from n samples, by gradient descent. */
import type { Rng } from '../../rng.ts';

export interface Task {
  readonly inputs: number;
  readonly teacher: number;
  readonly student: number;
  readonly samples: number;
  readonly steps: number;
}

/**
 * f(x) = (1/m) Σ (w_k · x)² = xᵀ A x with A = WᵀW/m, teacher and student alike, full-batch descent on ½ mean (f - y)².
 * Returns ‖A - A*‖²_F over ‖A*‖²_F: as the variance of xᵀ M x for Gaussian x is 2‖M‖²_F, the error on fresh samples up to its mean.
 */
export function quadraticError({ inputs, teacher, student, samples, steps }: Task, random: Rng, rate: number): number {
  const gaussian = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const formOf = (w: Float64Array, units: number) => {
    const form = new Float64Array(inputs * inputs);
    for (let k = 0; k < units; k++)
      for (let i = 0; i < inputs; i++)
        for (let j = 0; j < inputs; j++) form[i * inputs + j]! += (w[k * inputs + i]! * w[k * inputs + j]!) / units;
    return form;
  };
  const goal = formOf(gaussian(teacher * inputs), teacher);
  const x = gaussian(samples * inputs);
  const valueOf = (form: Float64Array, n: number) => {
    let value = 0;
    for (let i = 0; i < inputs; i++) {
      let row = 0;
      for (let j = 0; j < inputs; j++) row += form[i * inputs + j]! * x[n * inputs + j]!;
      value += x[n * inputs + i]! * row;
    }
    return value;
  };
  const targets = Float64Array.from({ length: samples }, (_, n) => valueOf(goal, n));
  const w = gaussian(student * inputs);
  const pull = new Float64Array(inputs * inputs);
  for (let t = 0; t < steps; t++) {
    const form = formOf(w, student);
    pull.fill(0);
    for (let n = 0; n < samples; n++) {
      const error = (valueOf(form, n) - targets[n]!) / samples;
      for (let i = 0; i < inputs; i++)
        for (let j = 0; j < inputs; j++) pull[i * inputs + j]! += error * x[n * inputs + i]! * x[n * inputs + j]!;
    }
    // ∂/∂w_k = (2/m) Σ error x xᵀ w_k; the rate is counted in units of m
    const next = new Float64Array(w.length);
    for (let k = 0; k < student; k++)
      for (let i = 0; i < inputs; i++) {
        let row = 0;
        for (let j = 0; j < inputs; j++) row += pull[i * inputs + j]! * w[k * inputs + j]!;
        next[k * inputs + i] = w[k * inputs + i]! - 2 * rate * row;
      }
    w.set(next);
  }
  const square = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
  const form = formOf(w, student);
  return square(form.map((value, i) => value - goal[i]!)) / square(goal);
}
