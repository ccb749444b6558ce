'use client';
/** @file A scalar metric over groups of runs: mean strong, 95% band, single seeds as hairlines. */
import { useCallback, useMemo, useRef } from 'react';
import { metrics } from '#core/metrics/index.ts';
import { ChartFrame, type Table } from './ChartFrame.tsx';
import { nearest, tableOf } from './columns.ts';
import { endLabels, groupTraces, seamShapes, spanOf } from './lines.ts';
import { Plot, useTheme } from './Plot.tsx';
import type { PlotElement } from './plotly.ts';
import { show, type Group } from './runs.ts';
import { useGroups } from './useGroups.ts';
import { useView } from './view.tsx';

const height = 220;

export function LineChart({ metric, groups, wide = false }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const { view } = useView();
  const data = useGroups(metric, groups);
  const theme = useTheme();
  const element = useRef<PlotElement | null>(null);
  const entry = metrics[metric as keyof typeof metrics];
  const byDefault = entry.scale === 'log' ? 'log' : 'linear';
  const log = (view.scales[metric] ?? byDefault) === 'log';
  const { aligned } = data;

  const { traces, layout, bands } = useMemo(() => {
    void theme;
    const made = data.groups.map(({ group, members }) =>
      groupTraces(aligned, members, 0, { colour: group.colour, log, smoothing: view.smoothing }),
    );
    const span = spanOf(
      aligned.mean.flatMap((plane) => [...plane]),
      log,
    );
    const ends = data.groups.map(({ group }, i) => ({
      text: group.name,
      colour: group.colour,
      y: made[i]!.bands.findLast(({ n }) => n > 0)?.mean ?? NaN,
    }));
    const labels = data.groups.length > 1 && data.groups.length <= 6 ? endLabels(ends, log, height - 40, span ? span[1] - span[0] : 0) : [];
    const longest = Math.max(0, ...data.groups.map(({ group }) => group.name.length));
    return {
      bands: made.map((each) => each.bands),
      traces: made.flatMap((each) => each.traces),
      layout: {
        margin: { l: 56, r: labels.length ? Math.min(120, 14 + 7 * longest) : 14, t: 6, b: 34 },
        yaxis: {
          type: log ? 'log' : 'linear',
          ...(log ? { dtick: span && span[1] - span[0] > 1.2 ? 1 : 'D2' } : {}),
          ...(span ? { range: span } : {}),
        },
        annotations: labels,
        shapes: seamShapes(data.seams),
      },
    };
  }, [data.groups, aligned, log, view.smoothing, data.seams, theme]);

  const describe = useCallback(
    (step: number) => {
      const i = nearest(aligned.steps, step);
      if (i < 0) return null;
      return {
        step: aligned.steps[i]!,
        title: entry.card.title,
        lines: data.groups.map(({ group }, g) => {
          const { mean, low, high, n } = bands[g]![i]!;
          return {
            colour: `var(${group.colour})`,
            text: `${group.name} ${n === 0 ? '—' : show(mean)}${n > 1 ? ` [${show(low)}, ${show(high)}]` : ''}`,
          };
        }),
      };
    },
    [aligned, bands, data.groups, entry],
  );
  const table = (): Table => tableOf(aligned, data.groups, ['']);

  return (
    <ChartFrame
      id={metric}
      title={entry.card.title}
      formula={entry.card.formula}
      metric={metric}
      scale={byDefault}
      table={table}
      element={element}
      frame={data.frame}
      wide={wide}
      legend={data.groups.length > 6 && <Legend groups={groups} />}
      caption={
        data.error ??
        (data.empty
          ? 'Nothing recorded yet; the line appears with the first rows.'
          : `${data.facts} · ${data.seeds > 1 ? `mean${log ? ' of logarithms' : ''}, 95% t band, seeds as hairlines` : 'single run'}${aligned.each > 1 ? ', shade from lowest to highest' : ''}${view.smoothing ? ` · smoothed ${view.smoothing}, the rest unsmoothed` : ''}`)
      }
    >
      <Plot
        label={`${entry.card.title} by step`}
        metric={metric}
        data={traces}
        layout={layout}
        height={height}
        grid={aligned.steps}
        describe={describe}
        element={element}
      />
    </ChartFrame>
  );
}

export function Legend({ groups }: { groups: readonly Group[] }) {
  return groups.map(({ key, name, colour }) => (
    <span key={key}>
      <i className="swatch" style={{ background: `var(${colour})` }} />
      {name}
    </span>
  ));
}
