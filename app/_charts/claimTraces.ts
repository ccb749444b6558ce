/** @file What a figure of a claim draws: measured points with their intervals, predictions dashed with their symbol, windows as faint bands. */
import type { Curve, Estimate } from '#core/papers/claim.ts';
import { say, sayInterval } from '../_ui/numbers.ts';
import { markedUp } from '../_ui/typeset.ts';
import { readVariable, withAlpha } from './colours.ts';
import { axisTitle, endLabels, spanOf, theoryTrace } from './lines.ts';
import type { Trace } from './plotly.ts';
import { texText } from './texText.ts';
import { logTicks } from './ticks.ts';

const seriesColours = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6', '--series-7'];
/** Points of a curve beyond which they are a line: single ones would run into each other. */
const mostPoints = 24;
export const isDense = ({ points }: Pick<Curve, 'points'>): boolean => points.length > mostPoints;
export const figureHeight = 240;
/** Of plot and margins, what is plot. */
const plotHeight = figureHeight - 64;
/** Told apart where colours come again. */
const symbols = [
  { name: 'circle', sign: '' },
  { name: 'diamond', sign: '◆ ' },
  { name: 'square', sign: '■ ' },
] as const;
const symbolOf = (position: number) => symbols[Math.floor(position / seriesColours.length) % symbols.length]!;

type Point = Curve['points'][number] & { readonly window?: readonly [number, number] };

export interface Figure {
  readonly title: string;
  readonly curves: readonly (Omit<Curve, 'points'> & { readonly points: readonly Point[]; readonly colour: string })[];
  readonly logX: boolean;
  readonly logY: boolean;
}

/**
 * Curves of one figure on the same axes, in the order of the first of each. A point that an estimate was made of, which both say by the same
 * value and prediction and no other point does, gets the estimate's window, and its interval where the curve has none.
 */
export function figuresOf(curves: readonly Curve[], estimates: readonly Estimate[]): Figure[] {
  const all = curves.flatMap(({ points }) => points);
  const same = ({ value, predicted }: Estimate, point: Point) => value === point.y && predicted === point.predicted;
  const telling = estimates.filter((estimate) => all.filter((point) => same(estimate, point)).length === 1);
  const groups = Map.groupBy(curves, (curve) => curve.figure ?? curve);
  return [...groups].map(([key, members]): Figure => {
    const known = members.map((curve, i) => ({
      ...curve,
      colour: seriesColours[i % seriesColours.length]!,
      points: curve.points.map((point): Point => {
        const estimate = telling.find((each) => same(each, point));
        return estimate ? { interval: estimate.interval, ...point, window: estimate.window } : point;
      }),
    }));
    const some = (axis: 'x' | 'y') => members.some(({ log }) => log?.[axis]);
    return { title: typeof key === 'string' ? key : members[0]!.title, curves: known, logX: some('x'), logY: some('y') };
  });
}

const growing = (points: readonly Point[]): boolean => points.every(({ x }, i) => i === 0 || x > points[i - 1]!.x);
/** Plotly's own words for a number out of range would be drawn at the axis's end. */
const finite = (value: number | null | undefined): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

/** Between the ends of ranges at points; nothing where fewer than two of them are finite. */
function bandTrace(points: readonly Point[], range: (point: Point) => readonly [number, number] | undefined, fillcolor: string): Trace[] {
  const inside = points.flatMap((point) => {
    const ends = range(point);
    return ends?.every(Number.isFinite) ? [{ x: point.x, low: ends[0], high: ends[1] }] : [];
  });
  if (inside.length < 2) return [];
  const back = inside.toReversed();
  return [
    {
      type: 'scatter',
      mode: 'lines',
      x: [...inside, ...back].map(({ x }) => x),
      y: [...inside.map(({ high }) => high), ...back.map(({ low }) => low)],
      line: { width: 0 },
      fill: 'toself',
      fillcolor,
      hoverinfo: 'skip',
      showlegend: false,
    },
  ];
}

function measuredTrace({ title, points, x: xTitle }: Figure['curves'][number], colour: string, symbol: string, legended: boolean): Trace {
  const side = (end: 0 | 1) => points.map(({ y, interval }) => (interval?.every(Number.isFinite) ? Math.abs(interval[end] - y) : 0));
  const dense = isDense({ points });
  const joined = growing(points) && points.every(({ predicted }) => predicted === null);
  return {
    type: 'scatter',
    mode: dense ? 'lines' : joined ? 'lines+markers' : 'markers',
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => finite(y)),
    line: { width: dense ? 3 : 1, color: dense ? withAlpha(colour, 0.7) : colour },
    marker: { size: 7, color: colour, symbol },
    error_y: {
      type: 'data',
      symmetric: false,
      array: side(1),
      arrayminus: side(0),
      thickness: 1.4,
      width: 4,
      color: colour,
      visible: !dense && points.some(({ interval }) => interval?.every(Number.isFinite)),
    },
    text: points.map(
      ({ x, y, interval, predicted }) =>
        `${title}<br>${xTitle} ${say(x)}<br>measured ${say(y)}${interval ? `, ${sayInterval(interval)}` : ''}${
          predicted === null ? '' : `<br>predicted ${say(predicted)}`
        }`,
    ),
    hoverinfo: 'text',
    cliponaxis: false,
    name: title,
    showlegend: legended,
  };
}

function predictedTrace(points: readonly Point[], colour: string): Trace[] {
  const known = points.filter(({ predicted }) => finite(predicted) !== null);
  if (known.length === 0) return [];
  const drawn = theoryTrace(
    known.map(({ x }) => x),
    known.map(({ predicted }) => predicted!),
    colour,
  );
  // a single one has no line to dash
  return [
    known.length === 1
      ? { ...drawn, showlegend: false, mode: 'markers', marker: { symbol: 'line-ew-open', size: 18, color: readVariable(colour) } }
      : { ...drawn, showlegend: false },
  ];
}

/** Of the narrowest figure. */
const axisWidth = 250;
const widthOf = (label: string): number => 8 + 6.5 * label.length;

/** Few places are named as they are, where their names do not touch; else round ones are. */
function xAxis(figure: Figure): Record<string, unknown> {
  const xs = [...new Set(figure.curves.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const span = spanOf(xs, figure.logX);
  const at = xs.map((x) => (figure.logX ? Math.log10(x) : x));
  const apart = span ? Math.min(...at.slice(1).map((x, i) => x - at[i]!)) / (span[1] - span[0]) : 0;
  const names = xs.map((x) => x.toLocaleString('en', { maximumSignificantDigits: 3 }).replace('-', '−'));
  const named = xs.length <= 7 && (xs.length === 1 || apart * axisWidth > Math.max(...names.map(widthOf)));
  return {
    type: figure.logX ? 'log' : 'linear',
    zeroline: false,
    ...(span ? { range: span } : {}),
    ...(named
      ? {
          tickmode: 'array',
          tickvals: xs,
          ticktext: names,
          tickangle: 0,
        }
      : figure.logX && span
        ? { tickmode: 'array', ...logTicks(...span) }
        : {}),
  };
}

/** Letters of a law that has room on its line; a longer one lies over the data, and the key below has them all. */
const longestLaw = 12;

/** Names that fit at the ends of their lines; longer ones would take the room of the plot and stand below it. */
export const labelled = ({ curves }: Figure): boolean => curves.length > 1 && Math.max(...curves.map(({ title }) => title.length)) <= 16;

/** `logY`: as the reader has switched it. */
export function drawFigure(figure: Figure, logY: boolean): { readonly traces: readonly Trace[]; readonly layout: Record<string, unknown> } {
  const single = figure.curves.length === 1;
  const values = figure.curves.flatMap(({ points }) =>
    points.flatMap(({ y, interval, predicted, window }) => [y, ...(interval ?? []), predicted ?? NaN, ...(window ?? [])]),
  );
  const span = spanOf(values, logY);
  const traces = figure.curves.flatMap(({ points }, i) => {
    const curve = figure.curves[i]!;
    const colour = readVariable(curve.colour);
    return [
      ...bandTrace(points, ({ window }) => window, withAlpha(colour, 0.1)),
      ...(isDense({ points }) ? bandTrace(points, ({ interval }) => interval, withAlpha(colour, 0.15)) : []),
      ...predictedTrace(points, single ? '--text' : curve.colour),
      measuredTrace(curve, colour, symbolOf(i).name, !single && !labelled(figure)),
    ];
  });
  const labels = !labelled(figure)
    ? []
    : endLabels(
        figure.curves.map(({ title, colour, points }, i) => ({
          text: `${symbolOf(i).sign}${markedUp(title)}`,
          colour,
          y: points.findLast(({ y }) => finite(y) !== null)?.y ?? NaN,
        })),
        logY,
        plotHeight,
        span,
      );
  const said = new Set<string>(); // of several lines of one law one is labelled
  const laws = figure.curves.flatMap(({ law, points, colour }) => {
    const text = law === undefined ? null : texText(law);
    const known = points.filter(({ predicted }) => finite(predicted) !== null && (!logY || predicted! > 0));
    if (text === null || text.replaceAll(/<[^>]*>/g, '').length > longestLaw || said.has(text) || known.length < 2) return [];
    said.add(text);
    // over the line, on the side that it leaves free
    const at = Math.floor((known.length - 1) / 2);
    const [place, next] = [known[at]!, known[at + 1]!];
    const axis = (value: number, log: boolean) => (log ? Math.log10(value) : value);
    const rising = next.predicted! > place.predicted!;
    return [
      {
        x: axis(place.x, figure.logX),
        y: axis(place.predicted!, logY),
        text: `<i>${text}</i>`,
        showarrow: false,
        xanchor: rising ? 'right' : 'left',
        yanchor: 'bottom',
        xshift: rising ? -6 : 6,
        yshift: 5,
        font: { size: 11, color: readVariable(single ? '--text' : colour) },
      },
    ];
  });
  const longest = labels.length ? Math.max(...figure.curves.map(({ title }) => title.length)) : 0;
  const { x, y } = figure.curves[0]!;
  return {
    traces,
    layout: {
      margin: { l: 56, r: labels.length ? Math.min(150, 14 + 6.5 * longest) : 14, t: 26, b: 38 },
      hovermode: 'closest',
      hoverlabel: {
        bgcolor: readVariable('--surface-2'),
        bordercolor: readVariable('--line'),
        font: { size: 12, color: readVariable('--text') },
        align: 'left',
      },
      xaxis: { title: { text: markedUp(x), standoff: 6 }, ...xAxis(figure) },
      yaxis: { type: logY ? 'log' : 'linear', ...(span ? { range: span } : {}), zeroline: !logY },
      annotations: [...labels, ...laws, axisTitle(markedUp(y))],
    },
  };
}
