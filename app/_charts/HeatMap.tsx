'use client';
/** @file A layerwise metric as a map, layer by step, one per group; one colour scale for all layers and panels, in decades. */
import { useMemo } from 'react';
import { ChartFrame } from './ChartFrame.tsx';
import { viridis } from './colours.ts';
import { nearest, tableOf } from './columns.ts';
import { seamShapes } from './lines.ts';
import { notNumbers, type NotNumber } from './notNumbers.ts';
import { Panels } from './Panels.tsx';
import type { Trace } from './plotly.ts';
import { inText, show, type Group } from './runs.ts';
import { barTicks, countTicks } from './ticks.ts';
import { captionOf, useChart } from './useChart.ts';

const scale = viridis.map((colour, i) => [i / (viridis.length - 1), colour]);
interface Cells {
  readonly z: (number | null)[][];
  readonly special: Record<NotNumber['key'], (number | null)[][]>;
}

export function HeatMap({ metric, groups, wide = true }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const chart = useChart(metric, groups, `${metric}-map`, null);
  const { card, data, theme } = chart;
  const { aligned } = data;
  const names = groups[0]?.runs[0]?.layers?.map(({ name }) => name) ?? [];

  const { panels, bounds, found } = useMemo(() => {
    const { steps, width } = aligned;
    let [low, high] = [Infinity, -Infinity];
    const seen = new Set<string>();
    const made = data.groups.map(({ members }): Cells => {
      const rows = () => Array.from({ length: width }, () => Array<number | null>(steps.length).fill(null));
      const cells: Cells = { z: rows(), special: { nan: rows(), infinite: rows(), zero: rows() } };
      for (let layer = 0; layer < width; layer++)
        for (let i = 0; i < steps.length; i++) {
          const at = i * width + layer;
          let [sum, n, flags, zero] = [0, 0, 0, false];
          for (const member of members) {
            const value = aligned.mean[member]![at]!;
            flags |= aligned.flags[member]![at]!;
            if (value > 0) {
              sum += Math.log10(value);
              n++;
            } else if (value === 0) zero = true;
          }
          const kind = flags & 1 ? 'nan' : flags & 6 ? 'infinite' : zero && n === 0 ? 'zero' : null;
          if (kind) {
            cells.special[kind][layer]![i] = 1;
            seen.add(kind);
          } else if (n > 0) {
            const value = sum / n;
            cells.z[layer]![i] = value;
            low = Math.min(low, value);
            high = Math.max(high, value);
          }
        }
      return cells;
    });
    return { panels: made, bounds: low <= high ? ([low, Math.max(high, low + 0.1)] as const) : ([-1, 0] as const), found: seen };
  }, [aligned, data.groups]);

  const height = Math.min(260, Math.max(130, 46 + aligned.width * 14));
  const drawn = useMemo(() => {
    void theme;
    const { steps, width } = aligned;
    const layersAxis = Array.from({ length: width }, (_, layer) => layer + 1);
    const [low, high] = bounds;
    return panels.map((cells, p) => {
      const map = { type: 'heatmap', x: steps, y: layersAxis, xgap: 0, ygap: 0, hoverinfo: 'skip', zsmooth: false };
      const traces: Trace[] = [
        {
          ...map,
          z: cells.z,
          zmin: low,
          zmax: high,
          colorscale: scale,
          showscale: p === panels.length - 1,
          colorbar: {
            thickness: 10,
            outlinewidth: 0,
            len: 1,
            ...barTicks(low, high),
            tickfont: { size: 10 },
          },
        },
        ...notNumbers
          .filter(({ key }) => found.has(key))
          .map(({ key, colour }) => ({
            ...map,
            z: cells.special[key],
            zmin: 0,
            zmax: 1,
            colorscale: [
              [0, colour],
              [1, colour],
            ],
            showscale: false,
          })),
      ];
      return {
        traces,
        layout: {
          margin: { l: width < 100 ? 40 : 52, r: p === panels.length - 1 ? 64 : 8, t: 4, b: 32 },
          yaxis: { range: [0.5, width + 0.5], ...countTicks(width, 8), title: { text: 'layer', standoff: 4 } },
          shapes: seamShapes(data.seams),
        },
      };
    });
  }, [panels, bounds, found, aligned, data.seams, theme]);

  const describes = useMemo(
    () =>
      data.groups.map(({ group, members }) => (step: number, y: number) => {
        const i = nearest(aligned.steps, step);
        if (i < 0) return null;
        const layer = Math.min(aligned.width, Math.max(1, Math.round(y)));
        return {
          step: aligned.steps[i]!,
          title: `${card.title}, layer ${layer}${names[layer - 1] ? ` (${names[layer - 1]})` : ''}`,
          lines: members.map((at, m) => {
            const cell = i * aligned.width + layer - 1;
            const flag = aligned.flags[at]![cell]!;
            const value = aligned.mean[at]![cell]!;
            return {
              colour: `var(${group.colour})`,
              text: `${group.name} seed ${group.runs[m]!.seed} ${flag & 1 ? 'NaN' : flag & 6 ? '∞' : Number.isNaN(value) ? '—' : show(value)}`,
            };
          }),
        };
      }),
    [data.groups, aligned, card, names],
  );
  const seeds = data.groups.some(({ members }) => members.length > 1);

  return (
    <ChartFrame
      chart={chart}
      title={`${card.title} by layer and step`}
      table={() => tableOf(aligned, data.groups, names)}
      wide={wide}
      legend={notNumbers.filter(({ key }) => found.has(key))}
      caption={captionOf(
        data,
        'Nothing recorded yet; the map fills from the left as rows come.',
        `layer 1 at the bottom, ${aligned.width} at the top; one log₁₀ colour scale for all${seeds ? '; geometric mean over seeds' : ''}`,
      )}
    >
      <Panels
        label={`${inText(card.title)} maps`}
        chart={chart}
        panels={data.groups.map(({ group }, p) => ({
          name: group.name,
          colour: group.colour,
          data: drawn[p]!.traces,
          layout: drawn[p]!.layout,
          label: `${inText(card.title)} by layer and step${p === 0 ? '' : `, ${group.name}`}`,
          height,
          layers: aligned.width,
          describe: describes[p]!,
        }))}
      />
    </ChartFrame>
  );
}
