'use client';
/** @file A spectrum at one step as shares of eigenvalues in bins of magnitude, negative ones to the left; the scrubber moves through the run. */
import { useMemo } from 'react';
import { binCount, binEdges } from '#core/curvature/density.ts';
import { metrics } from '#core/metrics/index.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { bandOf } from './align.ts';
import { readVariable } from './colours.ts';
import { nearest } from './columns.ts';
import { Plot } from './Plot.tsx';
import type { Trace } from './plotly.ts';
import { Scrubber } from './Scrubber.tsx';
import { inText, type Group } from './runs.ts';
import { eigenvalueAxis, lowest, sharesOf } from './spectrumBins.ts';
import { captionOf, useChart } from './useChart.ts';

/** Lies under the axis. */
const below = 10 ** (lowest - 1);

export function SpectralDensity({ metric, groups, wide = false }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const chart = useChart(metric, groups, metric, null);
  const { card, data, view, theme } = chart;
  const bins = metrics[metric as keyof typeof metrics].axes[0] === 'bin';
  const { aligned } = data;
  const at = view.step === null ? aligned.steps.length - 1 : nearest(aligned.steps, view.step);
  const step = aligned.steps[at] ?? 0;

  const bands = useMemo(
    () =>
      data.groups.map(({ members }) => {
        const rows = (at < 0 ? [] : members).map((member) =>
          sharesOf(aligned.mean[member]!.slice(at * aligned.width, (at + 1) * aligned.width), bins),
        );
        return Array.from({ length: binCount }, (_, bin) =>
          bandOf(
            rows.map((row) => row[bin]!),
            false,
          ),
        );
      }),
    [aligned, data.groups, at, bins],
  );
  const { traces, layout } = useMemo(() => {
    void theme;
    const rows = bands.map((each) => each.map(({ mean }) => mean));
    const some = rows.some((row) => row.some((share) => share > 0));
    const made = data.groups.map(({ group }, g): Trace => ({
      type: 'scatter',
      mode: 'lines',
      name: group.name,
      x: bands[g]!.map((_, bin) => bin),
      // an empty bin goes down to the axis: left out, the area would bridge it
      y: bands[g]!.map(({ mean }) => (mean > 0 ? mean : some ? below : null)),
      line: { shape: 'hvh', width: 1.6, color: readVariable(group.colour) },
      ...(data.groups.length === 1 ? { fill: 'tozeroy' } : {}),
      hoverinfo: 'skip',
    }));
    return {
      traces: made,
      layout: {
        margin: { l: 56, r: 14, t: 6, b: 34 },
        xaxis: eigenvalueAxis(rows),
        yaxis: { type: 'log', range: [lowest, 0.1], dtick: 1, title: { text: 'share', standoff: 4 } },
      },
    };
  }, [data.groups, bands, theme]);

  return (
    <ChartFrame
      chart={chart}
      title={card.title}
      wide={wide}
      table={() => ({
        columns: ['from', 'to', ...data.groups.map(({ group }) => group.name)],
        rows: Array.from({ length: binCount }, (_, bin) => [...binEdges(bin), ...bands.map((each) => each[bin]!.mean)]),
      })}
      caption={captionOf(
        data,
        'Nothing measured yet; the density appears as the curvature schedule comes to it.',
        `at step ${step.toLocaleString('en')}${view.step === null ? ' (newest)' : ''}`,
        '8 bins a decade',
      )}
    >
      <Plot label={`${card.title} at one step`} chart={chart} data={traces} layout={layout} height={220} overSteps={false} />
      <Scrubber steps={aligned.steps} at={at} of={inText(card.title)} />
    </ChartFrame>
  );
}
