/**
 * @file Dimension of the family of functions Σ_k a_k (w_k · x)^r that a two-layer network of power activation reaches.
 *
 * They are the forms of degree r that are sums of so many powers. Source: Alexander and Hirschowitz 1995; Kileel, Trager and Bruna 2019.
 */

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return Math.round(value);
}

/** Sums of powers that fill one dimension less than they have numbers: [power, inputs, width]. */
const exceptions: readonly (readonly [power: number, inputs: number, width: number])[] = [
  [3, 5, 7],
  [4, 3, 5],
  [4, 4, 9],
  [4, 5, 14],
];

/** Without biases. Quadratic forms of rank h: d h - h(h-1)/2; beyond, min(d h, all forms) but for four exceptions. */
export function formsDimension(power: number, inputs: number, width: number): number {
  if (![power, inputs, width].every((value) => Number.isInteger(value) && value >= 1) || power < 2)
    throw new RangeError(`formsDimension takes a power from 2, inputs and a width from 1, got ${power}, ${inputs}, ${width}`);
  const all = binomial(inputs + power - 1, power);
  if (power === 2) return width >= inputs ? all : inputs * width - (width * (width - 1)) / 2;
  const lost = exceptions.some(([r, d, h]) => r === power && d === inputs && h === width) ? 1 : 0;
  return Math.min(inputs * width, all) - lost;
}
