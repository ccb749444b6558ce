/** @file Ticks of a logarithmic axis: few, round, and written as one reads them: 0.01, 0.1, 1; powers of ten only where zeros would be counted. */

/** A positive number as text for a tick or a colour bar. */
export function tickText(value: number): string {
  const power = Math.floor(Math.log10(value) + 1e-9);
  if (power >= -3 && power < 5) return value.toLocaleString('en', { maximumSignificantDigits: 4 });
  const front = Number((value / 10 ** power).toPrecision(4));
  return `${front === 1 ? '' : `${front}·`}10<sup>${power}</sup>`.replace('-', '−');
}

/** Four values on a colour bar over decades, its ends among them. */
export function barTicks(low: number, high: number): { tickvals: number[]; ticktext: string[] } {
  const tickvals = Array.from({ length: 4 }, (_, i) => low + ((high - low) * i) / 3);
  return { tickvals, ticktext: tickvals.map((power) => tickText(Number((10 ** power).toPrecision(2)))) };
}

/** Whole numbers from 1 on an axis, every one or round ones, at most about `most` of them. */
export function countTicks(count: number, most: number): { tick0: number; dtick: number } {
  const rough = Math.max(1, count / most);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const dtick = unit * [1, 2, 5, 10].find((factor) => factor * unit >= rough)!;
  return { tick0: dtick, dtick };
}

const fewest = 3;
const most = 6;

/** Values to mark between two ends given in decades: whole decades, else 1-2-5 steps where they are few, else equal steps. */
export function logTicks(low: number, high: number): { tickvals: number[]; ticktext: string[] } {
  const tickvals = valuesOf(low, high);
  return { tickvals, ticktext: tickvals.map(tickText) };
}

function valuesOf(low: number, high: number): number[] {
  const decades = range(Math.ceil(low), Math.floor(high));
  if (decades.length >= fewest) {
    const every = Math.ceil(decades.length / most);
    return decades.filter((power) => power % every === 0).map((power) => 10 ** power);
  }
  const within = (value: number) => Math.log10(value) >= low && Math.log10(value) <= high;
  const fronts = range(Math.floor(low), Math.ceil(high)).flatMap((power) => [1, 2, 5].map((front) => front * 10 ** power));
  const inside = fronts.filter(within);
  if (inside.length > most && decades.length > 1) return decades.map((power) => 10 ** power);
  if (inside.length >= fewest) return inside.length > most ? inside.filter((_, i) => i % 2 === 0) : inside;
  const [bottom, top] = [10 ** low, 10 ** high];
  const rough = (top - bottom) / most;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10);
  return range(Math.ceil(bottom / step), Math.floor(top / step)).map((count) => Number((count * step).toPrecision(12)));
}

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
