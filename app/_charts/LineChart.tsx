'use client';
/** @file A scalar metric over groups of runs: mean strong, 95% band, single seeds as hairlines. */
import { useCallback, useMemo } from 'react';
import { ChartFrame } from './ChartFrame.tsx';
import { nearest, sayLeftOut, tableOf } from './columns.ts';
import { endLabels, groupTraces, seamShapes, spanOf, valueAxis } from './lines.ts';
import { notNumberStrips } from './notNumbers.ts';
import { Plot } from './Plot.tsx';
import { legendOf, mostLabels, show, type Group } from './runs.ts';
import { linesOverSteps, theoryCaption, theoryLabels, theoryTraces, theoryValues, useTheory } from './theory.ts';
import { captionOf, useChart } from './useChart.ts';

const height = 220;

export function LineChart({ metric, groups, wide = false }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const chart = useChart(metric, groups);
  const { card, data, view, log, theme } = chart;
  const { aligned } = data;
  const theory = useTheory(chart.id, metric, groups);
  const leftOut = useMemo(() => sayLeftOut(aligned, log), [aligned, log]);

  const { traces, layout, bands, strange, expected } = useMemo(() => {
    void theme;
    const made = data.groups.map(({ group, members }) =>
      groupTraces(aligned, members, 0, { colour: group.colour, log, smoothing: view.smoothing }),
    );
    const expected = linesOverSteps(theory.active, aligned, data.groups, data.end, log);
    const span = spanOf([...aligned.mean.flatMap((plane) => [...plane]), ...theoryValues(expected)], log);
    const ends = data.groups.map(({ group }, i) => ({
      text: group.name,
      colour: group.colour,
      y: made[i]!.bands.findLast(({ n }) => n > 0)?.mean ?? NaN,
    }));
    const named = [...(data.groups.length > 1 && data.groups.length <= mostLabels ? ends : []), ...theoryLabels(expected)];
    const labels = endLabels(named, log, height - 40, span);
    const strips = notNumberStrips(
      aligned,
      data.groups.flatMap(({ members }) => members),
    );
    const longest = Math.max(0, ...named.map(({ text }) => text.length));
    return {
      bands: made.map((each) => each.bands),
      strange: strips.legend,
      expected,
      traces: [...made.flatMap((each) => each.traces), ...theoryTraces(expected)],
      layout: {
        margin: { l: 56, r: labels.length ? Math.min(120, 14 + 7 * longest) : 14, t: 6, b: 34 },
        yaxis: valueAxis(log, span),
        annotations: labels,
        shapes: [...seamShapes(data.seams), ...strips.shapes],
      },
    };
  }, [data.groups, data.end, aligned, log, view.smoothing, data.seams, theory.active, theme]);

  const describe = useCallback(
    (step: number) => {
      const i = nearest(aligned.steps, step);
      if (i < 0) return null;
      return {
        step: aligned.steps[i]!,
        title: card.title,
        lines: data.groups.map(({ group }, g) => {
          const { mean, low, high, n } = bands[g]![i]!;
          return {
            colour: `var(${group.colour})`,
            text: `${group.name} ${n === 0 ? '—' : show(mean)}${n > 1 ? ` [${show(low)}, ${show(high)}]` : ''}`,
            value: mean,
          };
        }),
      };
    },
    [aligned, bands, data.groups, card],
  );

  return (
    <ChartFrame
      chart={chart}
      title={card.title}
      table={() => tableOf(aligned, data.groups, [''])}
      wide={wide}
      theory={theory}
      legend={[...legendOf(groups), ...strange]}
      caption={captionOf(
        data,
        'Nothing recorded yet; the line appears with the first rows.',
        data.seeds > 1 && `mean${log ? ' of logarithms' : ''}, 95% t band, seeds as hairlines`,
        leftOut,
        aligned.each > 1 && 'shade from lowest to highest',
        view.smoothing > 0 && `smoothed ${view.smoothing}, the rest unsmoothed`,
        theoryCaption(theory, expected),
      )}
    >
      <Plot label={`${card.title} by step`} chart={chart} data={traces} layout={layout} height={height} describe={describe} />
    </ChartFrame>
  );
}
