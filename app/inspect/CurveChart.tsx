'use client';
/** @file One list of numbers of an answer as a chart with the frame that all charts have. */
import { useMemo } from 'react';
import { ChartFrame } from '../_charts/ChartFrame.tsx';
import { readVariable, withAlpha } from '../_charts/colours.ts';
import { axisTitle } from '../_charts/lines.ts';
import { Plot } from '../_charts/Plot.tsx';
import type { Trace } from '../_charts/plotly.ts';
import { useFramed } from '../_charts/useChart.ts';
import type { Curve } from './answer.ts';

/** Values of one sign and far apart are read on a logarithmic axis. */
const spread = (y: readonly number[]): boolean => y.every((value) => value > 0) && Math.max(...y) > 50 * Math.min(...y);

/** Entries have signs: two hues, and the paper where there is nothing. */
const around0 = () => [
  [0, readVariable('--series-2')],
  [0.5, readVariable('--surface-2')],
  [1, readVariable('--series-1')],
];

function tracesOf({ kind, x, y, error, rows }: Curve): Trace[] {
  const colour = readVariable('--series-1');
  const shared = { x, y, hoverinfo: 'skip' as const };
  if (kind === 'map') {
    const largest = rows!.flat().reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return [
      {
        type: 'heatmap',
        x,
        y,
        z: rows,
        zmin: -largest,
        zmax: largest,
        colorscale: around0(),
        hoverinfo: 'skip',
        colorbar: { thickness: 8, outlinewidth: 0 },
      },
    ];
  }
  if (kind === 'bars') return [{ ...shared, type: 'bar', marker: { color: colour } }];
  if (kind === 'points')
    return [
      {
        ...shared,
        type: 'scatter',
        mode: 'markers',
        marker: { size: 6, color: colour },
        error_y: { type: 'data', array: error ?? [], thickness: 1, color: colour },
      },
    ];
  const side = (sign: number) => y.map((value, i) => value + sign * (error?.[i] ?? 0));
  const edge = { type: 'scatter', mode: 'lines', x, line: { width: 0 }, hoverinfo: 'skip' };
  return [
    { ...edge, y: side(-1) },
    { ...edge, y: side(1), fill: 'tonexty', fillcolor: withAlpha(colour, 0.2) },
    { ...shared, type: 'scatter', mode: 'lines', line: { width: 1.6, color: colour } },
  ];
}

/** Names as they are, ranks and rows in whole numbers. */
const ticks = ({ x, kind }: Curve) =>
  typeof x[0] === 'string' ? { type: 'category' } : kind === 'line' ? {} : { dtick: Math.max(1, Math.ceil(x.length / 8)), tick0: 1 };

export function CurveChart({ curve }: { curve: Curve }) {
  const chart = useFramed(curve.id, curve.id, curve.kind === 'bars' && spread(curve.y) ? 'log' : null);
  const { log, theme } = chart;
  const traces = useMemo(() => (void theme, tracesOf(curve)), [curve, theme]);
  const layout = useMemo(
    () => ({
      xaxis: { title: { text: curve.xTitle, standoff: 4 }, ...ticks(curve) },
      yaxis:
        curve.kind === 'map'
          ? { title: { text: 'row', standoff: 4 }, autorange: 'reversed' }
          : { type: log ? 'log' : 'linear', zeroline: true },
      bargap: 0.35,
      ...(curve.yTitle ? { margin: { l: 56, r: 14, t: 26, b: 38 }, annotations: [axisTitle(curve.yTitle)] } : {}),
    }),
    [curve, log],
  );
  return (
    <ChartFrame
      chart={chart}
      title={curve.title}
      table={() =>
        curve.rows
          ? { columns: ['row', ...curve.x.map(String)], rows: curve.rows.map((row, i) => [i + 1, ...row]) }
          : {
              columns: [curve.xTitle, curve.yTitle ?? 'value', ...(curve.error ? ['error'] : [])],
              rows: curve.x.map((x, i) => [x, curve.y[i]!, ...(curve.error ? [curve.error[i]!] : [])]),
            }
      }
      caption={curve.caption}
    >
      <Plot chart={chart} label={curve.title} data={traces} layout={layout} height={curve.kind === 'map' ? 260 : 200} overSteps={false} />
    </ChartFrame>
  );
}
