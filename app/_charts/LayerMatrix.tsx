'use client';
/** @file A metric over pairs of layers as a matrix at one step, a panel per group on one scale of decades; the scrubber moves through the run. */
import { useMemo } from 'react';
import { ChartFrame } from './ChartFrame.tsx';
import { bandOf } from './align.ts';
import { viridis } from './colours.ts';
import { nearest } from './columns.ts';
import { Panels } from './Panels.tsx';
import type { Trace } from './plotly.ts';
import { Scrubber } from './Scrubber.tsx';
import { inText, type Group } from './runs.ts';
import { captionOf, useChart } from './useChart.ts';

export function LayerMatrix({ metric, groups, wide = false }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const chart = useChart(metric, groups, metric, null);
  const { card, data, view, theme } = chart;
  const { aligned } = data;
  const layers = Math.round(Math.sqrt(aligned.width));
  const at = view.step === null ? aligned.steps.length - 1 : nearest(aligned.steps, view.step);
  const step = aligned.steps[at] ?? 0;

  const matrices = useMemo(
    () =>
      data.groups.map(({ members }) =>
        Array.from({ length: layers }, (_, k) =>
          Array.from(
            { length: layers },
            (_, l) =>
              bandOf(
                (at < 0 ? [] : members).map((member) => aligned.mean[member]![at * aligned.width + k * layers + l]!),
                true,
              ).mean,
          ),
        ),
      ),
    [aligned, data.groups, at, layers],
  );
  const panels = useMemo(() => {
    void theme;
    const found = matrices.flat(2).filter((value) => value > 0 && Number.isFinite(value));
    const logs = found.map(Math.log10);
    const [low, high] = logs.length ? [Math.min(...logs), Math.max(...logs)] : [-1, 0];
    const axis = Array.from({ length: layers }, (_, layer) => layer + 1);
    return matrices.map((matrix, p) => ({
      data: [
        {
          type: 'heatmap',
          x: axis,
          y: axis,
          z: matrix.map((row) => row.map((value) => (value > 0 ? Math.log10(value) : null))),
          zmin: low,
          zmax: Math.max(high, low + 0.1),
          colorscale: viridis.map((colour, i) => [i / (viridis.length - 1), colour]),
          showscale: p === matrices.length - 1,
          colorbar: {
            thickness: 10,
            outlinewidth: 0,
            len: 1,
            tickprefix: '10<sup>',
            ticksuffix: '</sup>',
            dtick: 1,
            tickfont: { size: 10 },
          },
          hoverinfo: 'skip',
        },
      ] satisfies Trace[],
      layout: {
        margin: { l: 40, r: p === matrices.length - 1 ? 64 : 8, t: 4, b: 32 },
        xaxis: { title: { text: 'layer', standoff: 4 }, dtick: Math.max(1, Math.ceil(layers / 8)), tick0: 1 },
        yaxis: { title: { text: 'layer', standoff: 4 }, dtick: Math.max(1, Math.ceil(layers / 8)), tick0: 1, autorange: 'reversed' },
      },
    }));
  }, [matrices, layers, theme]);

  return (
    <ChartFrame
      chart={chart}
      title={card.title}
      wide={wide}
      table={() => ({
        columns: ['layer', 'layer', ...data.groups.map(({ group }) => group.name)],
        rows: Array.from({ length: layers * layers }, (_, pair) => {
          const [k, l] = [Math.floor(pair / layers), pair % layers];
          return [k + 1, l + 1, ...matrices.map((matrix) => matrix[k]![l]!)];
        }),
      })}
      caption={captionOf(
        data,
        'Nothing measured yet; the matrix appears as the curvature schedule comes to it.',
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
          label: `${inText(card.title)} by two layers${p === 0 ? '' : `, ${group.name}`}`,
          height: 260,
          overSteps: false,
        }))}
      />
      <Scrubber steps={aligned.steps} at={at} of={inText(card.title)} />
    </ChartFrame>
  );
}
