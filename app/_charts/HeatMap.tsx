'use client';
/** @file A layerwise metric as a map, layer by step, one per group; one colour scale for all layers and panels, in decades. */
import { useCallback, useMemo, useRef } from 'react';
import { metrics } from '#core/metrics/index.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { notNumberColour, viridis } from './colours.ts';
import { nearest, tableOf } from './columns.ts';
import { seamShapes } from './lines.ts';
import { Plot, useTheme } from './Plot.tsx';
import type { PlotElement, Trace } from './plotly.ts';
import { show, type Group } from './runs.ts';
import { useGroups } from './useGroups.ts';
import { useView } from './view.tsx';

const scale = viridis.map((colour, i) => [i / (viridis.length - 1), colour]);
/** Kinds of values that no place on the scale may stand for. */
const kinds = [
  { key: 'nan', name: 'NaN', flag: 1 },
  { key: 'infinite', name: '±∞', flag: 6 },
  { key: 'zero', name: 'exactly 0', flag: 0 },
] as const;

interface Cells {
  readonly z: (number | null)[][];
  readonly special: Record<(typeof kinds)[number]['key'], (number | null)[][]>;
}

const decade = (value: number) => {
  const power = Math.floor(value);
  const front = 10 ** (value - power);
  return front < 1.05 ? `10<sup>${power}</sup>` : `${front.toFixed(1)}·10<sup>${power}</sup>`;
};

export function HeatMap({ metric, groups, wide = true }: { metric: string; groups: readonly Group[]; wide?: boolean }) {
  const { view } = useView();
  const data = useGroups(metric, groups);
  const theme = useTheme();
  const element = useRef<PlotElement | null>(null);
  const entry = metrics[metric as keyof typeof metrics];
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
    const ticks = Array.from({ length: 4 }, (_, i) => low + ((high - low) * i) / 3);
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
          colorbar: { thickness: 10, outlinewidth: 0, len: 1, tickvals: ticks, ticktext: ticks.map(decade), tickfont: { size: 10 } },
        },
        ...kinds
          .filter(({ key }) => found.has(key))
          .map(({ key }) => ({
            ...map,
            z: cells.special[key],
            zmin: 0,
            zmax: 1,
            colorscale: [
              [0, notNumberColour[key]],
              [1, notNumberColour[key]],
            ],
            showscale: false,
          })),
      ];
      const span = view.range ?? (steps.length ? [steps[0]!, Math.max(steps.at(-1)!, steps[0]! + 1)] : [0, 1]);
      return {
        traces,
        layout: {
          margin: { l: 40, r: p === panels.length - 1 ? 64 : 8, t: 4, b: 32 },
          xaxis: { range: span },
          yaxis: { range: [0.5, width + 0.5], dtick: Math.max(1, Math.ceil(width / 8)), tick0: 1, title: { text: 'layer', standoff: 4 } },
          shapes: seamShapes(data.seams),
        },
      };
    });
  }, [panels, bounds, found, aligned, view.range, data.seams, theme]);

  const describes = useMemo(
    () =>
      data.groups.map(({ group, members }) => (step: number, y: number) => {
        const i = nearest(aligned.steps, step);
        if (i < 0) return null;
        const layer = Math.min(aligned.width, Math.max(1, Math.round(y)));
        return {
          step: aligned.steps[i]!,
          title: `${entry.card.title}, layer ${layer}${names[layer - 1] ? ` (${names[layer - 1]})` : ''}`,
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
    [data.groups, aligned, entry, names],
  );
  const table = useCallback(() => tableOf(aligned, data.groups, names), [aligned, data.groups, names]);
  const title = entry.card.title;
  const seeds = data.groups.some(({ members }) => members.length > 1);

  return (
    <ChartFrame
      id={`${metric}-map`}
      title={`${title} by layer and step`}
      formula={entry.card.formula}
      metric={metric}
      table={table}
      element={element}
      frame={data.frame}
      wide={wide}
      legend={kinds
        .filter(({ key }) => found.has(key))
        .map(({ key, name }) => (
          <span key={key}>
            <i className="swatch" style={{ background: notNumberColour[key] }} />
            {name}
          </span>
        ))}
      caption={
        data.error ??
        (data.empty
          ? 'Nothing recorded yet; the map fills from the left as rows come.'
          : `${data.facts} · layer 1 at the bottom, ${aligned.width} at the top; one log₁₀ colour scale for all${seeds ? '; geometric mean over seeds' : ''}`)
      }
    >
      <div className="panels" role="group" aria-label={`${title.toLowerCase()} maps`}>
        {data.groups.map(({ group }, p) => (
          <div key={group.key}>
            {data.groups.length > 1 && (
              <h4>
                <i className="swatch" style={{ background: `var(${group.colour})` }} />
                {group.name}
              </h4>
            )}
            <Plot
              label={p === 0 ? `${spoken(metric, title)} by layer and step` : `${spoken(metric, title)} by layer and step, ${group.name}`}
              metric={metric}
              data={drawn[p]!.traces}
              layout={drawn[p]!.layout}
              height={height}
              layers={aligned.width}
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

const spoken = (metric: string, title: string) => (metric === 'gradNorm' ? 'gradient norm' : title.toLowerCase());
