'use client';
/** @file A layerwise metric across depth at one step; the scrubber moves through the run. */
import { useMemo } from 'react';
import { ChartFrame } from './ChartFrame.tsx';
import { bandOf } from './align.ts';
import { readVariable } from './colours.ts';
import { nearest } from './columns.ts';
import { shapesAcrossLayers } from './evidence.ts';
import { endLabels, spanOf, valueAxis } from './lines.ts';
import { Plot } from './Plot.tsx';
import type { Trace } from './plotly.ts';
import { inText, legendOf, mostLabels, type Group } from './runs.ts';
import { Scrubber } from './Scrubber.tsx';
import { countTicks } from './ticks.ts';
import { linesAcrossLayers, theoryCaption, theoryLabels, theoryTraces, theoryValues, useTheory } from './theory.ts';
import { captionOf, useChart } from './useChart.ts';

const height = 200;
const mostMarked = 60;

export function DepthProfile({ metric, groups, wide = false }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const chart = useChart(metric, groups, `${metric}-depth`);
  const { card, data, view, log, theme } = chart;
  const { aligned } = data;
  const at = view.step === null ? aligned.steps.length - 1 : nearest(aligned.steps, view.step);
  const step = aligned.steps[at] ?? 0;
  const theory = useTheory(chart.id, metric, groups);

  const bands = useMemo(
    () =>
      data.groups.map(({ members }) =>
        Array.from({ length: aligned.width }, (_, layer) =>
          bandOf(at < 0 ? [] : members.map((member) => aligned.mean[member]![at * aligned.width + layer]!), log),
        ),
      ),
    [aligned, data.groups, at, log],
  );
  const { traces, layout, expected } = useMemo(() => {
    void theme;
    const layers = Array.from({ length: aligned.width }, (_, layer) => layer + 1);
    // The axis is that of the whole range, so that scrubbing moves the points and not the axis.
    const expected = linesAcrossLayers(theory.active, aligned, data.groups, step, log);
    const span = spanOf([...aligned.mean.flatMap((plane) => [...plane]), ...theoryValues(expected)], log);
    const made = data.groups.map(({ group }, g): Trace => {
      const own = readVariable(group.colour);
      const error = (side: 'low' | 'high') => bands[g]!.map((band) => (band.n > 1 ? Math.abs(band[side] - band.mean) : 0));
      return {
        type: 'scatter',
        mode: aligned.width > mostMarked ? 'lines' : 'lines+markers', // points of three hundred layers are a thick line
        x: layers,
        y: bands[g]!.map(({ mean }) => (Number.isNaN(mean) ? null : mean)),
        line: { width: 1.6, color: own },
        marker: { size: 5, color: own },
        error_y: {
          visible: bands[g]!.some(({ n }) => n > 1),
          type: 'data',
          symmetric: false,
          array: error('high'),
          arrayminus: error('low'),
          thickness: 1,
          width: 3,
          color: own,
        },
        hoverinfo: 'skip',
      };
    });
    const ends = data.groups.map(({ group }, g) => ({ text: group.name, colour: group.colour, y: bands[g]!.at(-1)?.mean ?? NaN }));
    const named = [...(data.groups.length > 1 && data.groups.length <= mostLabels ? ends : []), ...theoryLabels(expected)];
    const labels = endLabels(named, log, height - 40, span);
    const longest = Math.max(0, ...named.map(({ text }) => text.length));
    return {
      expected,
      traces: [...theoryTraces(expected), ...made],
      layout: {
        margin: { l: 56, r: labels.length ? Math.min(140, 14 + 7 * longest) : 14, t: 6, b: 34 },
        xaxis: {
          title: { text: 'layer (1 at the bottom)', standoff: 4 },
          ...countTicks(aligned.width, 12),
          range: [0.7, aligned.width + 0.3],
        },
        yaxis: valueAxis(log, span),
        annotations: labels,
        shapes: view.highlight ? shapesAcrossLayers(view.highlight) : [],
      },
    };
  }, [data.groups, aligned, bands, step, log, theory.active, view.highlight, theme]);

  return (
    <ChartFrame
      chart={chart}
      title={`${card.title} across depth`}
      wide={wide}
      theory={theory}
      legend={legendOf(groups)}
      table={() => ({
        columns: ['layer', ...data.groups.flatMap(({ group }) => [`${group.name} mean`, `${group.name} low`, `${group.name} high`])],
        rows: Array.from({ length: aligned.width }, (_, layer) => [
          layer + 1,
          ...bands.flatMap((each) => [each[layer]!.mean, each[layer]!.low, each[layer]!.high]),
        ]),
      })}
      caption={captionOf(
        data,
        'Nothing recorded yet.',
        `at step ${step.toLocaleString('en')}${view.step === null ? ' (newest)' : ''}`,
        data.seeds > 1 && 'bars: 95% t interval over seeds',
        theoryCaption(theory, expected),
      )}
    >
      <Plot label={`${card.title} by layer at one step`} chart={chart} data={traces} layout={layout} height={height} overSteps={false} />
      <Scrubber steps={aligned.steps} at={at} of={`${inText(card.title)} across depth`} />
    </ChartFrame>
  );
}
