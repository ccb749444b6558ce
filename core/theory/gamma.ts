/** @file The logarithmic derivative of the gamma function and its derivative, in float64. */

/** From here on the asymptotic series is exact to rounding. */
const large = 20;

/** ψ(x) for x > 0: recurrence up to 20, then the asymptotic series; error below 1e-14. */
export function digamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`digamma takes x above 0, got ${x}`);
  let shift = 0;
  let at = x;
  for (; at < large; at++) shift += 1 / at;
  const square = 1 / (at * at);
  return Math.log(at) - 1 / (2 * at) - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240))) - shift;
}

/** ψ′(x) for x > 0, the same way. */
export function trigamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`trigamma takes x above 0, got ${x}`);
  let shift = 0;
  let at = x;
  for (; at < large; at++) shift += 1 / (at * at);
  const square = 1 / (at * at);
  return 1 / at + square / 2 + (square / at) * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square / 30))) + shift;
}
