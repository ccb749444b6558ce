'use client';
/** @file A metric over layers, or over eigenvalues, as lines: a panel per group on shared axes, and what two groups differ in, paired by seed. */
import { useMemo } from 'react';
import { metrics } from '#core/metrics/index.ts';
import { mean } from '#core/statistics.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { bandOf, smooth, type Aligned } from './align.ts';
import { layerColour, readVariable } from './colours.ts';
import { columnNames, nearest, neverNumbers, sayLeftOut, sayNever, tableOf } from './columns.ts';
import { endLabels, seamShapes, spanOf, valueAxis } from './lines.ts';
import { notNumberStrips } from './notNumbers.ts';
import { Panels } from './Panels.tsx';
import { drawsNothing, type Trace } from './plotly.ts';
import { inText, show, type Group } from './runs.ts';
import { linesOverSteps, theoryCaption, theoryLabels, theoryTraces, theoryValues, useTheory } from './theory.ts';
import { captionOf, useChart } from './useChart.ts';
import type { GroupSeries } from './useGroups.ts';

interface Lines {
  /** Of the group; null for a difference. */
  readonly key: string | null;
  readonly name: string;
  readonly colour: string | null;
  readonly log: boolean;
  readonly members: readonly number[];
  /** [layer][entry] */
  readonly lines: readonly (readonly number[])[];
}

const meansOf = ({ steps, width, mean: plane }: Aligned, members: readonly number[], log: boolean) =>
  Array.from({ length: width }, (_, layer) =>
    steps.map(
      (_, i) =>
        bandOf(
          members.map((at) => plane[at]![i * width + layer]!),
          log,
        ).mean,
    ),
  );

/** Difference of two groups, seed by seed, then its mean over the seeds both have. */
function differenceOf({ steps, width, mean: plane }: Aligned, first: GroupSeries, second: GroupSeries) {
  const pairs = first.members.flatMap((at, i) => {
    const j = second.group.runs.findIndex(({ seed }) => seed === first.group.runs[i]!.seed);
    return j < 0 ? [] : [[at, second.members[j]!] as const];
  });
  return Array.from({ length: width }, (_, layer) =>
    steps.map((_, i) => {
      const cell = i * width + layer;
      const own = pairs.map(([a, b]) => plane[a]![cell]! - plane[b]![cell]!).filter((value) => !Number.isNaN(value));
      return own.length ? mean(own) : NaN;
    }),
  );
}

/** What is predicted of one layer has its colour; what is the same for several keeps that of text. */
const ofLayers = (traces: readonly Trace[], columns: readonly number[], layers: number): Trace[] =>
  columns.length > 1 || layers < 2
    ? [...traces]
    : traces.map((trace) => ({ ...trace, line: { ...(trace.line as object), color: layerColour(columns[0]!, layers) } }));

/** `compare`: the keys of two groups drawn side by side with their difference; otherwise a panel per group. */
export function LayerLines({
  metric,
  groups,
  compare,
  wide = true,
}: {
  metric: string;
  groups: readonly Group[];
  compare?: readonly [string, string] | undefined;
  wide?: boolean;
}) {
  const shownGroups = useMemo(
    () => (compare ? compare.map((key) => groups.find((group) => group.key === key)!) : groups),
    [compare, groups],
  );
  const chart = useChart(metric, shownGroups, `${metric}-layers`);
  const { id, card, data, view, log, theme } = chart;
  const { aligned } = data;
  const theory = useTheory(id, metric, shownGroups);
  const left = groups.filter((group) => !shownGroups.includes(group));
  const isByLayer = metrics[metric as keyof typeof metrics].axes[0] === 'layer';
  const names = useMemo(
    () => columnNames(isByLayer ? 'layer' : undefined, aligned.width, groups[0]?.runs[0]?.layers ?? null),
    [isByLayer, aligned.width, groups],
  );
  const title = isByLayer && !/\blayer/.test(card.title) ? `${card.title} by layer` : card.title;
  const never = useMemo(
    () =>
      neverNumbers(
        aligned,
        data.groups.flatMap(({ members }) => members),
      ),
    [aligned, data.groups],
  );

  const panels = useMemo((): Lines[] => {
    const own = data.groups.map(({ group, members }) => ({
      key: group.key,
      name: group.name,
      colour: group.colour,
      log,
      members,
      lines: meansOf(aligned, members, log),
    }));
    if (!compare) return own;
    const [first, second] = data.groups as [GroupSeries, GroupSeries];
    return [
      ...own,
      {
        key: null,
        name: `${first.group.name} − ${second.group.name}`,
        colour: null,
        log: false,
        members: [...first.members, ...second.members],
        lines: differenceOf(aligned, first, second),
      },
    ];
  }, [aligned, data.groups, compare, log]);

  const litKey = isByLayer && view.highlight?.layers.length ? view.highlight.layers.join() : null;
  const drawn = useMemo(() => {
    void theme;
    const chosen = litKey === null ? null : new Set(litKey.split(',').map(Number));
    const expected = linesOverSteps(theory.active, aligned, data.groups, data.end, log);
    const shared = spanOf(
      [...panels.filter(({ colour }) => colour !== null).flatMap(({ lines }) => lines.flat()), ...theoryValues(expected)],
      log,
    );
    return panels.map((panel) => {
      const own = expected.filter(({ group }) => group === panel.key).map((line) => ({ ...line, colour: '--text' }));
      const span = panel.colour === null ? spanOf([0, ...panel.lines.flat()], false) : shared;
      const traces: Trace[] = panel.lines.map((values, layer) => {
        const smoothed = smooth(values, view.smoothing);
        const kept = smoothed.map((value, i) => [aligned.steps[i]!, value] as const).filter(([, value]) => !Number.isNaN(value));
        return {
          type: 'scatter',
          mode: kept.length < 3 ? 'lines+markers' : 'lines',
          marker: { size: kept.length === 1 ? 8 : 5, color: layerColour(layer, panel.lines.length) },
          ...(kept.length < 3 ? { cliponaxis: false } : {}),
          x: kept.map(([step]) => step),
          y: kept.map(([, value]) => value),
          line: { width: chosen?.has(layer) ? 1.8 : 1.3, color: layerColour(layer, panel.lines.length) },
          opacity: !chosen || chosen.has(layer) ? 1 : 0.18,
          hoverinfo: 'skip',
        };
      });
      const strips = notNumberStrips(aligned, panel.members, never);
      const zero = {
        type: 'line',
        xref: 'paper',
        x0: 0,
        x1: 1,
        y0: 0,
        y1: 0,
        line: { width: 1, dash: 'dash', color: readVariable('--muted') },
      };
      const labels = endLabels(theoryLabels(own).slice(0, 1), log, 150, span);
      return {
        traces: [...traces, ...own.flatMap((line) => ofLayers(theoryTraces([line]), line.columns, panel.lines.length))],
        layout: {
          margin: { l: 52, r: labels.length ? 84 : 10, t: 4, b: 32 },
          annotations: labels,
          yaxis: valueAxis(panel.log, span),
          shapes: [...seamShapes(data.seams), ...strips.shapes, ...(panel.colour === null && !drawsNothing(traces) ? [zero] : [])],
        },
        strange: strips.legend,
      };
    });
  }, [panels, aligned, data.groups, data.end, log, view.smoothing, data.seams, theory.active, litKey, never, theme]);

  const describes = useMemo(
    () =>
      panels.map((panel) => (step: number) => {
        const i = nearest(aligned.steps, step);
        if (i < 0) return null;
        return {
          step: aligned.steps[i]!,
          title: `${card.title}, ${panel.name}`,
          lines: panel.lines.map((values, layer) => ({
            colour: layerColour(layer, panel.lines.length),
            text: `${names[layer]} ${show(values[i])}`,
            value: values[i],
          })),
        };
      }),
    [panels, aligned, card, names],
  );
  const layers = aligned.width;
  const leftOut = useMemo(() => sayLeftOut(aligned, log), [aligned, log]);
  return (
    <ChartFrame
      chart={chart}
      title={title}
      table={() => tableOf(aligned, data.groups, names)}
      wide={wide}
      theory={theory}
      legend={[
        ...(layers > 12 || aligned.steps.length === 0
          ? []
          : names.map((name, layer) => ({ name, colour: layerColour(layer, layers) })).filter((_, layer) => !never.has(layer))),
        ...new Set(drawn.flatMap(({ strange }) => strange)),
      ]}
      caption={captionOf(
        data,
        `Nothing recorded yet; one line per ${isByLayer ? 'layer' : 'eigenvalue'} appears with the first rows.`,
        [
          ...(data.seeds > 1 ? [`mean over seeds${log ? ' of logarithms' : ''}`] : []),
          isByLayer ? 'bottom layer dark, top layer bright' : `${names[0]} dark, ${names.at(-1)} bright`,
          ...(compare ? ['difference paired by seed, 0 dashed'] : []),
          ...(compare && left.length > 0 ? [`not drawn: ${left.map(({ name }) => name).join(', ')}`] : []),
        ].join('; '),
        leftOut,
        sayNever(never, names),
        view.smoothing > 0 && `smoothed ${view.smoothing}`,
        theoryCaption(theory, []),
      )}
    >
      <Panels
        label={inText(title)}
        chart={chart}
        panels={panels.map(({ name, colour }, p) => ({
          name,
          colour,
          data: drawn[p]!.traces,
          layout: drawn[p]!.layout,
          label: `${card.title} by step, a line per ${isByLayer ? 'layer' : 'eigenvalue'}, ${name}`,
          axis: colour === null ? `${id}-difference` : id,
          height: 190,
          describe: describes[p]!,
        }))}
      />
    </ChartFrame>
  );
}
