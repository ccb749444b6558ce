/** @file Traces of lines: mean with its band, single seeds as hairlines, envelopes, theory dashed. Plotly draws them, these say what. */
import { bandOf, smooth, type Aligned, type Band } from './align.ts';
import { readVariable, withAlpha } from './colours.ts';
import type { Trace } from './plotly.ts';

/** One column of one aligned series, entry by entry. */
export const columnOf = (plane: Float64Array, width: number, column: number): number[] => {
  const values: number[] = [];
  for (let at = column; at < plane.length; at += width) values.push(plane[at]!);
  return values;
};

/** Gaps of steps where a run was not measured are bridged, values that are no number are not. */
const compact = (steps: readonly number[], values: readonly number[], flags: readonly number[]) => {
  const [x, y]: [number[], (number | null)[]] = [[], []];
  values.forEach((value, i) => {
    if (Number.isNaN(value) && !flags[i]) return;
    x.push(steps[i]!);
    y.push(Number.isNaN(value) ? null : value);
  });
  return { x, y };
};

const line = (
  x: readonly number[],
  y: readonly (number | null)[],
  style: Record<string, unknown>,
  extra: Record<string, unknown> = {},
): Trace => ({
  type: 'scatter',
  mode: x.length < 3 ? 'lines+markers' : 'lines',
  marker: { size: x.length === 1 ? 8 : 5, color: style.color }, // one alone is looked for on the axis
  ...(x.length < 3 ? { cliponaxis: false } : {}),
  x,
  y,
  line: style,
  hoverinfo: 'skip',
  ...extra,
});

export function bandsOf(aligned: Aligned, members: readonly number[], column: number, log: boolean): Band[] {
  return aligned.steps.map((_, i) =>
    bandOf(
      members.map((member) => aligned.mean[member]![i * aligned.width + column]!),
      log,
    ),
  );
}

/** Everything one group draws of one column. */
export function groupTraces(
  aligned: Aligned,
  members: readonly number[],
  column: number,
  { colour, log, smoothing }: { colour: string; log: boolean; smoothing: number },
): { traces: Trace[]; bands: Band[] } {
  const { steps, width } = aligned;
  const own = readVariable(colour);
  const bands = bandsOf(aligned, members, column, log);
  const traces: Trace[] = [];
  // only where all seeds have a value: an interval over two of three says how many there are, not how much they vary
  const all = Math.max(0, ...bands.map(({ n }) => n));
  const banded = bands
    .map((band, i) => ({ ...band, step: steps[i]! }))
    .filter(({ n, low, high }) => n > 1 && n === all && Number.isFinite(low) && Number.isFinite(high));
  if (banded.length > 1) {
    const x = [...banded.map(({ step }) => step), ...banded.toReversed().map(({ step }) => step)];
    const y = [...banded.map(({ high }) => high), ...banded.toReversed().map(({ low }) => low)];
    traces.push(line(x, y, { width: 0, color: own }, { mode: 'lines', fill: 'toself', fillcolor: withAlpha(own, 0.15) }));
  }
  const flagsOf = (member: number) => [...aligned.flags[member]!].filter((_, i) => i % width === column);
  if (aligned.each > 1) {
    // Spikes inside a bucket stay visible: lowest and highest value of all seeds as one thin envelope.
    const extreme = (planes: readonly Float64Array[], of: (...values: number[]) => number) =>
      steps.map((_, i) => {
        const own = members.map((member) => planes[member]![i * width + column]!).filter((value) => !Number.isNaN(value));
        return own.length ? of(...own) : NaN;
      });
    const low = compact(steps, extreme(aligned.min, Math.min), []);
    const high = compact(steps, extreme(aligned.max, Math.max), []);
    if (!log || low.y.every((value) => value! > 0))
      traces.push(
        line(
          [...high.x, ...low.x.toReversed()],
          [...high.y, ...low.y.toReversed()],
          { width: 0, color: own },
          { mode: 'lines', fill: 'toself', fillcolor: withAlpha(own, 0.1) },
        ),
      );
  }
  for (const member of members) {
    const single = compact(steps, columnOf(aligned.mean[member]!, width, column), flagsOf(member));
    if (members.length > 1 || smoothing > 0)
      traces.push(line(single.x, single.y, { width: 0.7, color: withAlpha(own, 0.45) }, { mode: 'lines' }));
  }
  const center = smooth(
    bands.map(({ mean }) => mean),
    smoothing,
  );
  const strong = compact(steps, center, []);
  traces.push(line(strong.x, strong.y, { width: 1.8, color: own }));
  return { traces, bands };
}

/** Theory: dashed, with its symbol on the line. */
export const theoryTrace = (x: readonly number[], y: readonly number[], colour: string): Trace =>
  line(x, y, { width: 1.2, dash: 'dash', color: readVariable(colour) }, { mode: 'lines' });

/** Names at line ends, pushed apart where they would overlap and kept inside; `y` in axis units (log10 on a logarithmic axis). */
export function endLabels(
  ends: readonly { text: string; y: number; colour: string }[],
  log: boolean,
  height: number,
  span: readonly [number, number] | null,
): Record<string, unknown>[] {
  const sorted = ends
    .filter(({ y }) => Number.isFinite(y) && (!log || y > 0))
    .map((end) => ({ ...end, at: log ? Math.log10(end.y) : end.y }));
  sorted.sort((a, b) => a.at - b.at);
  const gap = span ? ((span[1] - span[0]) * 13) / Math.max(60, height) : 0;
  let floor = -Infinity;
  const up = sorted.map((end) => {
    const at = Math.max(end.at, floor);
    floor = at + gap;
    return { ...end, at };
  });
  // what was pushed over the top would not be drawn: it comes down, and pushes those below it
  let ceiling = span?.[1] ?? Infinity;
  return up
    .toReversed()
    .map(({ text, at, colour }) => {
      const y = Math.min(at, ceiling);
      ceiling = y - gap;
      return {
        xref: 'paper',
        x: 1,
        xanchor: 'left',
        yref: 'y',
        y,
        text,
        showarrow: false,
        font: { size: 11, color: readVariable(colour) },
        xshift: 4,
      };
    })
    .toReversed();
}

/** What the vertical axis shows, over its end: level, and no room lost beside the ticks. The figure has 26 px above it. */
export const axisTitle = (text: string): Record<string, unknown> => ({
  ...{ text, xref: 'paper', yref: 'paper', x: 0, y: 1, xanchor: 'left', yanchor: 'bottom', xshift: -52, yshift: 5 },
  showarrow: false,
  font: { size: 11 },
});

/** Low and high of what is drawn, with a little air; in axis units. Null where there is nothing finite. */
export function spanOf(values: Iterable<number>, log: boolean): [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    const at = log ? Math.log10(value) : value;
    if (at < low) low = at;
    if (at > high) high = at;
  }
  if (low > high) return null;
  // a constant stands in the middle of round numbers, not of its own last digits
  const air = high > low ? Math.max((high - low) * 0.06, log ? 0.02 : Math.abs(high) * 1e-3) : log ? 0.5 : Math.abs(high) * 0.5 || 1;
  return [low - air, high + air];
}

/** The vertical axis of lines; `Plot` finds its ticks. */
export const valueAxis = (log: boolean, span: readonly [number, number] | null): Record<string, unknown> => ({
  type: log ? 'log' : 'linear',
  ...(span ? { range: span } : {}),
});

/** Dotted lines where a run was taken up again. */
export const seamShapes = (steps: readonly number[]): Record<string, unknown>[] =>
  steps.map((x) => ({
    type: 'line',
    xref: 'x',
    yref: 'paper',
    x0: x,
    x1: x,
    y0: 0,
    y1: 1,
    line: { width: 1, dash: 'dot', color: readVariable('--muted') },
  }));
