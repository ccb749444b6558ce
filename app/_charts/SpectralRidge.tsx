'use client';
/** @file A spectrum over the run: one ridge for each of a few steps, the newest in front. */
import { useMemo } from 'react';
import { binCount } from '#core/curvature/density.ts';
import { metrics } from '#core/metrics/index.ts';
import { bandOf } from './align.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { readVariable, withAlpha } from './colours.ts';
import { Plot } from './Plot.tsx';
import type { Trace } from './plotly.ts';
import { eigenvalueAxis, lowest, sharesOf } from './spectrumBins.ts';
import type { Group } from './runs.ts';
import { captionOf, useChart } from './useChart.ts';

const most = 14;
/** A ridge reaches this many baselines up: they overlap, that is how one sees them move. */
const reach = 2.4;

/** Up to `most` entries, evenly spaced, the first and the last among them. */
function chosen(from: number, to: number): number[] {
  const count = Math.min(most, to - from + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => (count === 1 ? from : Math.round(from + ((to - from) * i) / (count - 1))));
}

export function SpectralRidge({ metric, groups, wide = false }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const chart = useChart(metric, groups, `${metric}Ridge`, null);
  const { card, data, theme, view } = chart;
  const bins = metrics[metric as keyof typeof metrics].axes[0] === 'bin';
  const { aligned } = data;
  const ridges = useMemo(() => {
    const { steps, width, mean } = aligned;
    const [from, to] = view.range ?? [0, Infinity];
    const first = steps.findIndex((step) => step >= from);
    const last = steps.findLastIndex((step) => step <= to);
    const ats = first < 0 ? [] : chosen(first, last);
    return ats.map((at) => ({
      step: steps[at]!,
      /** Per group, the mean share over its seeds. */
      shares: data.groups.map(({ members }) => {
        const rows = members.map((member) => sharesOf(mean[member]!.slice(at * width, (at + 1) * width), bins));
        return Float64Array.from(
          { length: binCount },
          (_, bin) =>
            bandOf(
              rows.map((row) => row[bin]!),
              false,
            ).mean,
        );
      }),
    }));
  }, [aligned, data.groups, bins, view.range]);
  const { traces, layout } = useMemo(() => {
    void theme;
    const x = Array.from({ length: binCount }, (_, bin) => bin);
    const height = (share: number) => (share > 0 ? Math.max(0, 1 - Math.log10(share) / lowest) * reach : 0);
    const surface = readVariable('--surface-2');
    // the newest lies lowest and is drawn last, so that it stands in front
    const base = (i: number) => ridges.length - 1 - i;
    const made = ridges.flatMap(({ shares }, i): Trace[] =>
      data.groups.flatMap(({ group }, g): Trace[] => {
        const colour = readVariable(group.colour);
        const ground: Trace = { type: 'scatter', mode: 'lines', x, y: x.map(() => base(i)), line: { width: 0 }, hoverinfo: 'skip' };
        const ridge: Trace = {
          type: 'scatter',
          mode: 'lines',
          name: group.name,
          x,
          y: Array.from(shares[g]!, (share) => base(i) + height(share)),
          line: { width: 0.9, color: colour },
          hoverinfo: 'skip',
        };
        if (data.groups.length > 1) return [ridge];
        return [
          ground,
          { ...ridge, fill: 'tonexty', fillcolor: surface },
          ground,
          { ...ridge, fill: 'tonexty', fillcolor: withAlpha(colour, 0.15) },
        ];
      }),
    );
    return {
      traces: made,
      layout: {
        margin: { l: 64, r: 14, t: 6, b: 34 },
        xaxis: eigenvalueAxis(ridges.flatMap(({ shares }) => shares)),
        yaxis: {
          title: { text: 'step', standoff: 4 },
          tickvals: ridges.map((_, i) => base(i)),
          ticktext: ridges.map(({ step }) => step.toLocaleString('en')),
          range: [-0.2, Math.max(1, ridges.length - 1) + reach],
          zeroline: false,
        },
      },
    };
  }, [ridges, data.groups, theme]);
  return (
    <ChartFrame
      chart={chart}
      title={`${card.title} over the run`}
      wide={wide}
      table={() => ({
        columns: ['step', 'bin', ...data.groups.map(({ group }) => group.name)],
        rows: ridges.flatMap(({ step, shares }) =>
          Array.from({ length: binCount }, (_, bin) => [step, bin, ...shares.map((row) => row[bin]!)]),
        ),
      })}
      caption={captionOf(
        data,
        'Nothing measured yet; ridges appear as the curvature schedule comes to them.',
        `${ridges.length} of ${aligned.steps.length} measurements`,
        'heights are logarithms of shares, a millionth at the foot',
      )}
    >
      <Plot label={`${card.title} over the run`} chart={chart} data={traces} layout={layout} height={280} overSteps={false} />
    </ChartFrame>
  );
}
