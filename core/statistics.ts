/** @file Statistics over seeds and probes. NaN is a value like any other: it is never dropped, it spreads. */

export function mean(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('mean: at least one value is needed, got none');
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sample standard deviation (n - 1 in the denominator); NaN for a single value, which has none. */
export function standardDeviation(values: readonly number[]): number {
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}

export const standardError = (values: readonly number[]): number => standardDeviation(values) / Math.sqrt(values.length);

/** The q-quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996). */
export function quantile(values: ArrayLike<number>, q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile: q must be from 0 to 1, got ${q}`);
  const sorted = Float64Array.from(values).sort(); // NaN last
  if (Number.isNaN(sorted.at(-1))) return NaN;
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  if (below === undefined) throw new RangeError('quantile: at least one value is needed, got none');
  const above = sorted[Math.ceil(at)]!;
  return above === below ? below : below + (at - Math.floor(at)) * (above - below);
}

export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** Mean with its 95% interval by Student's t; an interval of one value is unknown (NaN). */
export function interval95(values: readonly number[]): { mean: number; low: number; high: number; n: number } {
  const center = mean(values);
  const half = values.length > 1 ? studentQuantile975(values.length - 1) * standardError(values) : NaN;
  return { mean: center, low: center - half, high: center + half, n: values.length };
}

/** The 97.5% quantile of Student's t with ν degrees of freedom, by bisection on its distribution function; error below 1e-10. */
export function studentQuantile975(degrees: number): number {
  if (!Number.isInteger(degrees) || degrees < 1)
    throw new RangeError(`studentQuantile975: degrees of freedom must be a positive integer, got ${degrees}`);
  let [low, high] = [1.9, 13];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (studentCentral(middle, degrees) < 0.95) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(|T| < t) for integer ν, by the finite sums of Abramowitz and Stegun 1964, 26.7.3 and 26.7.4. */
function studentCentral(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const odd = degrees % 2 === 1;
  let term = odd ? cos : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= ((k - 1) / k) * cos * cos;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
}
