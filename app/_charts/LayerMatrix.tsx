'use client';
/** @file A metric over layers and layers, or layers and ranks, as a matrix at one step, a panel per group on one scale of decades; the scrubber moves through the run. */
import { useMemo } from 'react';
import { metrics } from '#core/metrics/index.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { bandOf } from './align.ts';
import { viridis } from './colours.ts';
import { nearest } from './columns.ts';
import { Panels } from './Panels.tsx';
import type { Trace } from './plotly.ts';
import { Scrubber } from './Scrubber.tsx';
import { inText, type Group } from './runs.ts';
import { barTicks, countTicks } from './ticks.ts';
import { captionOf, useChart } from './useChart.ts';

const ranksOf = (list: readonly unknown[]): number[] => list.map((_, i) => i + 1);
const largest = <T,>(lists: readonly (readonly T[])[]): readonly T[] => lists.reduce((a, b) => (b.length > a.length ? b : a), []);

export function LayerMatrix({ metric, groups, wide = false }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const chart = useChart(metric, groups, metric, null);
  const { card, data, view, theme } = chart;
  const { aligned } = data;
  const other = metrics[metric as keyof typeof metrics].axes[1] === 'layer' ? 'layer' : 'rank';
  const at = view.step === null ? aligned.steps.length - 1 : nearest(aligned.steps, view.step);
  const step = aligned.steps[at] ?? 0;

  const matrices = useMemo(
    () =>
      data.groups.map(({ group, members }) => {
        // groups may differ in depth and width
        const width = Math.max(1, ...group.runs.flatMap((run) => run.metrics.find(({ name }) => name === metric)?.width ?? []));
        const columns = other === 'layer' ? Math.round(Math.sqrt(width)) : width / (group.runs[0]?.layers?.length ?? 1);
        const valuesAt = (place: number) => (at < 0 ? [] : members).map((member) => aligned.mean[member]![at * aligned.width + place]!);
        return Array.from({ length: width / columns }, (_, k) =>
          Array.from({ length: columns }, (_, l) => bandOf(valuesAt(k * columns + l), true).mean),
        );
      }),
    [aligned, data.groups, at, metric, other],
  );
  const panels = useMemo(() => {
    void theme;
    const found = matrices.flat(2).filter((value) => value > 0 && Number.isFinite(value));
    const logs = found.map(Math.log10);
    const [low, high] = logs.length ? [Math.min(...logs), Math.max(...logs)] : [-1, 0];
    return matrices.map((matrix, p) => ({
      data: [
        {
          type: 'heatmap',
          x: ranksOf(matrix[0]!),
          y: ranksOf(matrix),
          z: matrix.map((row) => row.map((value) => (value > 0 ? Math.log10(value) : null))),
          zmin: low,
          zmax: Math.max(high, low + 0.1),
          colorscale: viridis.map((colour, i) => [i / (viridis.length - 1), colour]),
          showscale: p === matrices.length - 1,
          colorbar: {
            thickness: 10,
            outlinewidth: 0,
            len: 1,
            ...barTicks(low, Math.max(high, low + 0.1)),
            tickfont: { size: 10 },
          },
          hoverinfo: 'skip',
        },
      ] satisfies Trace[],
      layout: {
        margin: { l: matrix.length < 100 ? 40 : 52, r: p === matrices.length - 1 ? 64 : 8, t: 4, b: 32 },
        xaxis: { title: { text: other, standoff: 4 }, ...countTicks(matrix[0]!.length, 8) },
        yaxis: { title: { text: 'layer', standoff: 4 }, ...countTicks(matrix.length, 8), autorange: 'reversed' },
      },
    }));
  }, [matrices, other, theme]);

  return (
    <ChartFrame
      chart={chart}
      title={card.title}
      wide={wide}
      table={() => ({
        columns: ['layer', other, ...data.groups.map(({ group }) => group.name)],
        rows: ranksOf(largest(matrices)).flatMap((k) =>
          ranksOf(largest(matrices.flat())).map((l) => [k, l, ...matrices.map((matrix) => matrix[k - 1]?.[l - 1] ?? NaN)]),
        ),
      })}
      caption={captionOf(
        data,
        'Nothing measured yet; the matrix appears as the schedule comes to it.',
        `at step ${step.toLocaleString('en')}${view.step === null ? ' (newest)' : ''}`,
      )}
    >
      <Panels
        label={`${inText(card.title)} at one step`}
        chart={chart}
        panels={data.groups.map(({ group }, p) => ({
          name: group.name,
          colour: group.colour,
          data: panels[p]!.data,
          layout: panels[p]!.layout,
          label: `${inText(card.title)} by layer and ${other}${p === 0 ? '' : `, ${group.name}`}`,
          height: 260,
          overSteps: false,
        }))}
      />
      <Scrubber steps={aligned.steps} at={at} of={inText(card.title)} />
    </ChartFrame>
  );
}
