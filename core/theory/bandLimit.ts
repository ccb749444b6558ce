/** @file What waves of bounded frequency cannot say of a periodic function. */

/** Fourier coefficients c_0 … c_most of values at equal steps over one period, by the trapezoid rule. */
function coefficients(values: ArrayLike<number>, most: number): { readonly re: number; readonly im: number }[] {
  const n = values.length;
  return Array.from({ length: most + 1 }, (_, k) => {
    let [re, im] = [0, 0];
    for (let i = 0; i < n; i++) {
      const angle = (2 * Math.PI * ((k * i) % n)) / n;
      re += (values[i]! * Math.cos(angle)) / n;
      im -= (values[i]! * Math.sin(angle)) / n;
    }
    return { re, im };
  });
}

/**
 * min over trigonometric polynomials p of degree `highest` of ‖f - p‖/‖f‖: the share of f beyond that frequency. No readout of units
 * sin(k x + b) with |k| ≤ `highest` can be nearer, however many there are.
 * @param values of f at equal steps over one period, more than twice `highest`
 */
export function beyondBand(values: ArrayLike<number>, highest: number): number {
  const n = values.length;
  if (n <= 2 * highest) throw new RangeError(`beyondBand: frequency ${highest} takes more than ${2 * highest} values, got ${n}`);
  // summed over what is outside, not total minus inside: the difference of two nearly equal squares would be rounding
  const all = coefficients(values, Math.floor(n / 2));
  const square = (k: number) => (k === 0 || 2 * k === n ? 1 : 2) * (all[k]!.re ** 2 + all[k]!.im ** 2);
  let [inside, outside] = [0, 0];
  for (let k = 0; k < all.length; k++)
    if (k <= highest) inside += square(k);
    else outside += square(k);
  return Math.sqrt(outside / (inside + outside));
}
