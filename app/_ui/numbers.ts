/** @file Numbers in the text of an article: four significant digits, powers of ten as one writes them, no zeros that say nothing. */

const raised: Readonly<Record<string, string>> = {
  '-': '⁻',
  ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((sign, digit) => [String(digit), sign])),
};
const smallest = 1e-3;
const largest = 1e5;

export function say(value: number): string {
  if (Number.isNaN(value)) return 'not known';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const rounded = Number(value.toPrecision(4));
  const size = Math.abs(rounded);
  if (size === 0 || (size >= smallest && size < largest))
    return rounded.toLocaleString('en', { maximumSignificantDigits: 4 }).replace('-', '−');
  const [front, power] = rounded.toExponential().split('e') as [string, string];
  const ten = `10${[...power.replace('+', '')].map((sign) => raised[sign]).join('')}`;
  return `${front === '1' ? '' : front === '-1' ? '−' : `${front.replace('-', '−')}·`}${ten}`;
}

export function sayInterval([low, high]: readonly [number, number]): string {
  if (Number.isNaN(low) || Number.isNaN(high)) return 'interval not known yet';
  return low === high ? 'exact, no draws' : `${say(low)} to ${say(high)}`;
}

export function sayWindow([low, high]: readonly [number, number]): string {
  if (low === -Infinity) return `at most ${say(high)}`;
  return high === Infinity ? `at least ${say(low)}` : `${say(low)} to ${say(high)}`;
}
