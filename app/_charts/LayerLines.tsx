'use client';
/** @file A layerwise metric as lines, one per layer: a panel per group on shared axes, and what two groups differ in, paired by seed. */
import { useMemo, useRef } from 'react';
import { metrics } from '#core/metrics/index.ts';
import { mean } from '#core/statistics.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { bandOf, smooth, type Aligned } from './align.ts';
import { layerColour, readVariable } from './colours.ts';
import { nearest, tableOf } from './columns.ts';
import { seamShapes, spanOf } from './lines.ts';
import { Plot, useTheme } from './Plot.tsx';
import type { PlotElement, Trace } from './plotly.ts';
import { show, type Group } from './runs.ts';
import { useGroups, type GroupSeries } from './useGroups.ts';
import { useView } from './view.tsx';

interface Panel {
  readonly name: string;
  readonly colour: string | null;
  readonly log: boolean;
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
  const { view } = useView();
  const shownGroups = useMemo(
    () => (compare ? compare.map((key) => groups.find((group) => group.key === key)!) : groups),
    [compare, groups],
  );
  const data = useGroups(metric, shownGroups);
  const theme = useTheme();
  const element = useRef<PlotElement | null>(null);
  const entry = metrics[metric as keyof typeof metrics];
  const byDefault = entry.scale === 'log' ? 'log' : 'linear';
  const log = (view.scales[`${metric}-layers`] ?? byDefault) === 'log';
  const { aligned } = data;
  const names = groups[0]?.runs[0]?.layers?.map(({ name }) => name) ?? [];

  const panels = useMemo((): Panel[] => {
    const own = data.groups.map(({ group, members }) => ({
      name: group.name,
      colour: group.colour,
      log,
      lines: meansOf(aligned, members, log),
    }));
    if (!compare) return own;
    const [first, second] = data.groups as [GroupSeries, GroupSeries];
    return [
      ...own,
      { name: `${first.group.name} − ${second.group.name}`, colour: null, log: false, lines: differenceOf(aligned, first, second) },
    ];
  }, [aligned, data.groups, compare, log]);

  const drawn = useMemo(() => {
    void theme;
    const shared = spanOf(
      panels.filter(({ colour }) => colour !== null).flatMap(({ lines }) => lines.flat()),
      log,
    );
    return panels.map((panel) => {
      const span = panel.colour === null ? spanOf([0, ...panel.lines.flat()], false) : shared;
      const traces: Trace[] = panel.lines.map((values, layer) => {
        const smoothed = smooth(values, view.smoothing);
        const kept = smoothed.map((value, i) => [aligned.steps[i]!, value] as const).filter(([, value]) => !Number.isNaN(value));
        return {
          type: 'scatter',
          mode: kept.length < 3 ? 'lines+markers' : 'lines',
          marker: { size: 4, color: layerColour(layer, panel.lines.length) },
          x: kept.map(([step]) => step),
          y: kept.map(([, value]) => value),
          line: { width: 1.3, color: layerColour(layer, panel.lines.length) },
          hoverinfo: 'skip',
        };
      });
      const zero = {
        type: 'line',
        xref: 'paper',
        x0: 0,
        x1: 1,
        y0: 0,
        y1: 0,
        line: { width: 1, dash: 'dash', color: readVariable('--muted') },
      };
      return {
        traces,
        layout: {
          margin: { l: 52, r: 10, t: 4, b: 32 },
          yaxis: {
            type: panel.log ? 'log' : 'linear',
            ...(panel.log ? { dtick: span && span[1] - span[0] > 1.2 ? 1 : 'D2' } : {}),
            ...(span ? { range: span } : {}),
          },
          shapes: [...seamShapes(data.seams), ...(panel.colour === null ? [zero] : [])],
        },
      };
    });
  }, [panels, aligned, log, view.smoothing, data.seams, theme]);

  const describes = useMemo(
    () =>
      panels.map((panel) => (step: number) => {
        const i = nearest(aligned.steps, step);
        if (i < 0) return null;
        return {
          step: aligned.steps[i]!,
          title: `${entry.card.title}, ${panel.name}`,
          lines: panel.lines.map((values, layer) => ({
            colour: layerColour(layer, panel.lines.length),
            text: `layer ${layer + 1} ${show(values[i])}`,
          })),
        };
      }),
    [panels, aligned, entry],
  );
  const layers = aligned.width;
  return (
    <ChartFrame
      id={`${metric}-layers`}
      title={`${entry.card.title} by layer`}
      formula={entry.card.formula}
      metric={metric}
      scale={byDefault}
      table={() => tableOf(aligned, data.groups, names)}
      element={element}
      frame={data.frame}
      wide={wide}
      legend={
        layers <= 12 &&
        Array.from({ length: layers }, (_, layer) => (
          <span key={layer}>
            <i className="swatch" style={{ background: layerColour(layer, layers) }} />
            {names[layer] ?? `layer ${layer + 1}`}
          </span>
        ))
      }
      caption={
        data.error ??
        (data.empty
          ? 'Nothing recorded yet; one line per layer appears with the first rows.'
          : `${data.facts} · mean over seeds${log ? ' of logarithms' : ''}, bottom layer dark, top layer bright${compare ? '; difference paired by seed, 0 dashed' : ''}${view.smoothing ? ` · smoothed ${view.smoothing}` : ''}`)
      }
    >
      <div className="panels">
        {panels.map((panel, p) => (
          <div key={panel.name}>
            {panels.length > 1 && (
              <h4>
                {panel.colour && <i className="swatch" style={{ background: `var(${panel.colour})` }} />}
                {panel.name}
              </h4>
            )}
            <Plot
              label={`${entry.card.title} by step, a line per layer, ${panel.name}`}
              metric={metric}
              data={drawn[p]!.traces}
              layout={drawn[p]!.layout}
              height={190}
              grid={aligned.steps}
              describe={describes[p]!}
              {...(p === 0 ? { element } : {})}
            />
          </div>
        ))}
      </div>
    </ChartFrame>
  );
}
