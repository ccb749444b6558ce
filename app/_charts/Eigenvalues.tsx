'use client';
/** @file The largest Hessian eigenvalues against the bound of the step size: 2/η, with momentum 2(1+μ)/η, dashed. */
import { useCallback, useMemo } from 'react';
import { stabilityOf } from '#core/predictions/stabilityBound.ts';
import { say } from '../_ui/numbers.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { bandOf } from './align.ts';
import { nearest, tableOf } from './columns.ts';
import { endLabels, groupTraces, seamShapes, spanOf, theoryTrace, valueAxis } from './lines.ts';
import { Plot } from './Plot.tsx';
import { legendOf, mostLabels, show, type Group } from './runs.ts';
import { captionOf, useChart } from './useChart.ts';

const height = 240;

export function Eigenvalues({
  groups,
  metric = 'hessianTop',
  wide = false,
}: {
  groups: readonly Group[];
  metric?: string;
  wide?: boolean;
}) {
  const chart = useChart(metric, groups, metric, 'log');
  const { card, data, view, log, theme } = chart;
  const { aligned } = data;

  const { traces, layout } = useMemo(() => {
    void theme;
    const { steps, width } = aligned;
    const made = data.groups.map(({ group, members }) =>
      Array.from({ length: width }, (_, k) => {
        const { traces: all, bands } = groupTraces(aligned, members, k, { colour: group.colour, log, smoothing: view.smoothing });
        // The first eigenvalue with band and seeds; the rest as thinner means.
        return {
          traces:
            k === 0
              ? all
              : [{ ...all.at(-1)!, opacity: Math.max(0.25, 0.7 - 0.15 * k), line: { ...(all.at(-1)!.line as object), width: 1 } }],
          bands,
        };
      }),
    );
    const theory = new Map<string, { x: number[]; y: number[]; symbol: string; colour: string }>();
    const ends = steps.length > 0 ? [steps[0]!, Math.max(steps.at(-1)!, data.end ?? 0)] : [];
    const at = ends.length ? Array.from({ length: 60 }, (_, i) => ends[0]! + ((ends[1]! - ends[0]!) * i) / 59) : [];
    for (const { group } of data.groups) {
      const spec = group.runs[0]!.spec;
      const bound = stabilityOf(spec, 0);
      if (!bound) continue;
      const y = at.map((step) => stabilityOf(spec, Math.floor(step))!.value);
      const key = y.join();
      theory.set(key, { x: at, y, symbol: bound.symbol, colour: theory.has(key) || data.groups.length === 1 ? '--text' : group.colour });
    }
    const lines = [...theory.values()];
    const finite = lines.flatMap(({ y }) => y).filter(Number.isFinite);
    const span = spanOf([...aligned.mean.flatMap((plane) => [...plane]), ...finite], log);
    const labels = [
      ...(data.groups.length <= mostLabels
        ? data.groups.map(({ group }, g) => ({
            text: data.groups.length > 1 ? `${group.name} λ₁` : 'λ₁',
            colour: group.colour,
            y: made[g]?.[0]?.bands.findLast(({ n }) => n > 0)?.mean ?? NaN,
          }))
        : []),
      ...lines.map(({ symbol, y, colour }) => ({ text: `${symbol} = ${say(y.at(-1) ?? NaN)}`, colour, y: y.at(-1) ?? NaN })),
    ];
    return {
      traces: [...made.flat().flatMap((each) => each.traces), ...lines.map(({ x, y, colour }) => theoryTrace(x, y, colour))],
      layout: {
        margin: { l: 56, r: 108, t: 6, b: 34 },
        yaxis: valueAxis(log, span),
        annotations: endLabels(labels, log, height - 40, span),
        shapes: seamShapes(data.seams),
      },
    };
  }, [data.groups, data.end, aligned, log, view.smoothing, data.seams, theme]);

  const describe = useCallback(
    (step: number) => {
      const i = nearest(aligned.steps, step);
      if (i < 0) return null;
      const at = aligned.steps[i]!;
      return {
        step: at,
        title: 'Hessian eigenvalues',
        lines: data.groups.flatMap(({ group, members }) => {
          const bound = stabilityOf(group.runs[0]!.spec, at);
          const values = Array.from({ length: aligned.width }, (_, k) =>
            show(
              bandOf(
                members.map((member) => aligned.mean[member]![i * aligned.width + k]!),
                false,
              ).mean,
            ),
          );
          return [
            {
              colour: `var(${group.colour})`,
              text: `${group.name} ${values.join(', ')}${bound ? ` (${bound.symbol} ${show(bound.value)})` : ''}`,
            },
          ];
        }),
      };
    },
    [aligned, data.groups],
  );
  const batch = groups[0]?.runs.find(({ curvatureBatch }) => curvatureBatch)?.curvatureBatch;
  const withoutBound = groups.some(({ runs }) => stabilityOf(runs[0]!.spec, 0) === null);

  return (
    <ChartFrame
      chart={chart}
      title={card.title}
      table={() =>
        tableOf(
          aligned,
          data.groups,
          Array.from({ length: aligned.width }, (_, k) => `λ${k + 1}`),
        )
      }
      wide={wide}
      legend={legendOf(groups)}
      caption={captionOf(
        data,
        'Nothing measured yet; eigenvalues appear as the curvature schedule comes to them.',
        `${batch ? `on a fixed batch of ${batch.toLocaleString('en')}; ` : ''}λ₁ strong${data.seeds > 1 ? ' with its 95% t band' : ''}, the next fainter; dashed: stability bound of the step size${withoutBound ? ' where one is known' : ''}${log ? '; values at or below 0 are left out' : ''}`,
      )}
    >
      <Plot label={`${card.title} by step`} chart={chart} data={traces} layout={layout} height={height} describe={describe} />
    </ChartFrame>
  );
}
