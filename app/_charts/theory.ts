'use client';
/** @file Theory over data: the predictions a chart may show, those that a person has switched on, and what they draw. Kept in the address. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Expected, Seen } from '#core/define.ts';
import type { Overlay } from '#core/overlay.ts';
import { useMetric } from '../_live/useMetric.ts';
import { align, bandOf, type Aligned } from './align.ts';
import { readVariable, withAlpha } from './colours.ts';
import { theoryTrace } from './lines.ts';
import type { Trace } from './plotly.ts';
import { inText, mayGrow, type Group } from './runs.ts';
import type { GroupSeries } from './useGroups.ts';
import { useView } from './view.tsx';

export interface Theory {
  /** Null until they are loaded: when the menu asks for them, or the address has some. */
  readonly offers: readonly Offer[] | null;
  readonly load: () => void;
  readonly toggle: (name: string) => void;
  readonly active: readonly Drawn[];
}
export interface Offer {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly on: boolean;
  /** What no group of the chart meets; empty where at least one does. */
  readonly unmet: readonly string[];
}
/** One prediction for one group. */
export interface Drawn {
  readonly group: Group;
  readonly overlay: Overlay;
  /** Rows of the metrics it goes by, of each of the group's seeds. */
  readonly seeds: readonly Seen['rows'][];
}

export function useTheory(id: string, metric: string, groups: readonly Group[]): Theory {
  const { view, change } = useView();
  const chosen = view.theory[id];
  const [wanted, setWanted] = useState(false);
  const [overlaysOf, setOverlaysOf] = useState<((metric: string, spec: Group['runs'][number]['spec']) => Overlay[]) | null>(null);
  const needed = wanted || chosen !== undefined;
  useEffect(() => {
    if (!needed || overlaysOf) return;
    let gone = false;
    import('#core/overlay.ts').then((core) => !gone && setOverlaysOf(() => core.overlaysOf), console.error);
    return () => {
      gone = true;
    };
  }, [needed, overlaysOf]);
  const all = useMemo(
    () => overlaysOf && groups.flatMap((group) => (group.runs[0] ? [{ group, overlays: overlaysOf(metric, group.runs[0].spec) }] : [])),
    [overlaysOf, metric, groups],
  );
  const offers = useMemo(
    () =>
      all &&
      (all[0]?.overlays ?? []).map(({ name, title, about }, i): Offer => {
        const own = all.map(({ overlays }) => overlays[i]!.unmet);
        return { name, title, about, on: chosen?.includes(name) ?? false, unmet: own.some((faults) => faults.length === 0) ? [] : own[0]! };
      }),
    [all, chosen],
  );
  const drawn = useMemo(
    () =>
      (all ?? []).flatMap(({ group, overlays }) =>
        overlays.filter(({ name, unmet }) => chosen?.includes(name) && unmet.length === 0).map((overlay) => ({ group, overlay })),
      ),
    [all, chosen],
  );
  const read = useRead(
    useMemo(() => [...new Set(drawn.flatMap(({ overlay }) => overlay.reads))].join(), [drawn]),
    groups,
  );
  const active = useMemo(
    () =>
      drawn.map(({ group, overlay }): Drawn => ({
        group,
        overlay,
        seeds: group.runs.map(
          ({ id }) =>
            (name, until) =>
              read(id, name, until),
        ),
      })),
    [drawn, read],
  );
  const load = useCallback(() => setWanted(true), []);
  const toggle = useCallback(
    (name: string) => {
      const now = view.theory[id] ?? [];
      const next = now.includes(name) ? now.filter((other) => other !== name) : [...now, name];
      const { [id]: _, ...others } = view.theory;
      change({ theory: next.length > 0 ? { ...others, [id]: next } : others });
    },
    [view.theory, id, change],
  );
  return { offers, load, toggle, active };
}

type Read = (run: string, metric: string, until: number) => ReturnType<Seen['rows']>;
/** Rows are read whole up to some thousands: the square of a bucket's mean is less than the mean of the squares in it. */
const finely = 8_192;

/** Rows of further metrics that predictions go by, from the first step on: fetched while one that needs them is switched on. */
function useRead(names: string, groups: readonly Group[]): Read {
  const { view } = useView();
  const wishes = useMemo(
    () =>
      names
        .split(',')
        .filter(Boolean)
        .flatMap((metric) => groups.flatMap(({ runs }) => runs.map((run) => ({ runId: run.id, metric, live: mayGrow(run) })))),
    [names, groups],
  );
  const { series } = useMetric(wishes, { range: null, pixels: finely, enabled: wishes.length > 0, frozen: !view.follow });
  return useMemo(() => {
    const known = new Map(
      wishes.map(({ runId, metric }, i) => {
        const { steps, width, mean } = align([series[i] ?? null]);
        return [
          `${runId} ${metric}`,
          steps.map((step, at) => ({ step, values: Array.from(mean[0]!.subarray(at * width, (at + 1) * width)) })),
        ];
      }),
    );
    return (run, metric, until) => (known.get(`${run} ${metric}`) ?? []).filter(({ step }) => step <= until);
  }, [series, wishes]);
}

/** The mean over seeds, column by column; of logarithms on a logarithmic axis. */
const meanRow = (rows: readonly (readonly number[])[], log: boolean): number[] =>
  (rows[0] ?? []).map(
    (_, column) =>
      bandOf(
        rows.map((row) => row[column]!),
        log,
      ).mean,
  );

/** The first row of a group, where the chart has step 0. */
export const startOf = ({ steps, width, mean }: Aligned, members: readonly number[], log: boolean): number[] | null =>
  steps[0] === 0
    ? meanRow(
        members.map((at) => Array.from(mean[at]!.subarray(0, width))),
        log,
      )
    : null;

/** What goes by the rows of a run is expected of each seed, and drawn as their mean. */
function expectedAt({ overlay, seeds }: Drawn, step: number, start: readonly number[] | null, log: boolean): Expected | null {
  if (overlay.reads.length === 0) return overlay.expect(step, start);
  const each = seeds.flatMap((rows) => overlay.expect(step, start, rows) ?? []);
  return each.length > 0
    ? {
        value: meanRow(
          each.map(({ value }) => value),
          log,
        ),
      }
    : null;
}

export interface TheoryLine {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly low: readonly number[] | null;
  readonly high: readonly number[] | null;
  readonly symbol: string;
  readonly colour: string;
}
export interface LineOverSteps extends TheoryLine {
  readonly group: string;
  /** Of the metric, those for which this is predicted. */
  readonly columns: readonly number[];
}
const samples = 60;

/** Over steps: a line for each column that is predicted; columns that agree are one line. Of predictions of the start alone, nothing. */
export function linesOverSteps(
  active: readonly Drawn[],
  aligned: Aligned,
  groups: readonly GroupSeries[],
  end: number | null,
  log: boolean,
): LineOverSteps[] {
  const { steps } = aligned;
  if (steps.length === 0) return [];
  const [from, to] = [steps[0]!, Math.max(steps.at(-1)!, end ?? 0)];
  const x = Array.from({ length: samples }, (_, i) => Math.round(from + ((to - from) * i) / (samples - 1)));
  return active.flatMap((prediction) => {
    const { group, overlay } = prediction;
    const members = groups.find((each) => each.group.key === group.key)?.members;
    const atStart = overlay.when === 'start';
    // a start by layers is drawn across depth; one number is a level to compare with
    if (!members || (atStart && aligned.width > 1)) return [];
    const start = startOf(aligned, members, log);
    const first = atStart ? expectedAt(prediction, 0, start, log) : null;
    const rows = x.map((step) => (atStart ? first : expectedAt(prediction, step, start, log)));
    const width = Math.max(0, ...rows.map((row) => row?.value.length ?? 0));
    const lines = new Map<string, LineOverSteps>();
    for (let column = 0; column < width; column++) {
      const pick = (of: keyof Expected) => rows.map((row) => (row?.[of] as readonly number[] | undefined)?.[column] ?? NaN);
      const y = pick('value');
      if (!y.some(Number.isFinite)) continue;
      const banded = rows.some((row) => row?.low !== undefined);
      const colour = groups.length === 1 ? '--text' : group.colour;
      lines.set(y.join(), {
        x,
        y,
        low: banded ? pick('low') : null,
        high: banded ? pick('high') : null,
        symbol: atStart ? `${overlay.symbol}, step 0` : overlay.symbol,
        colour,
        group: group.key,
        columns: [...(lines.get(y.join())?.columns ?? []), column],
      });
    }
    return [...lines.values()];
  });
}

/** Across layers, at one step; what holds at the start alone is drawn whatever the step, and says so. */
export function linesAcrossLayers(
  active: readonly Drawn[],
  aligned: Aligned,
  groups: readonly GroupSeries[],
  step: number,
  log: boolean,
): TheoryLine[] {
  return active.flatMap((prediction) => {
    const { group, overlay } = prediction;
    const members = groups.find((each) => each.group.key === group.key)?.members;
    if (!members) return [];
    const atStart = overlay.when === 'start';
    const row = expectedAt(prediction, atStart ? 0 : step, startOf(aligned, members, log), log);
    if (!row) return [];
    return [
      {
        x: row.value.map((_, i) => i + 1),
        y: row.value,
        low: row.low ?? null,
        high: row.high ?? null,
        symbol: atStart && step !== 0 ? `${overlay.symbol}, step 0` : overlay.symbol,
        colour: groups.length === 1 ? '--text' : group.colour,
      },
    ];
  });
}

/** Dashed, the band at 8%. */
export function theoryTraces(lines: readonly TheoryLine[]): Trace[] {
  return lines.flatMap(({ x, y, low, high, colour }): Trace[] => {
    const kept = y.map((value, i) => [value, i] as const).filter(([value]) => Number.isFinite(value));
    const at = kept.map(([, i]) => x[i]!);
    const band: Trace[] =
      low && high
        ? [
            {
              type: 'scatter',
              mode: 'lines',
              x: [...at, ...at.toReversed()],
              y: [...kept.map(([, i]) => high[i]!), ...kept.map(([, i]) => low[i]!).toReversed()],
              line: { width: 0, color: readVariable(colour) },
              fill: 'toself',
              fillcolor: withAlpha(readVariable(colour), 0.08),
              hoverinfo: 'skip',
            },
          ]
        : [];
    return [
      ...band,
      theoryTrace(
        at,
        kept.map(([value]) => value),
        colour,
      ),
    ];
  });
}

/** What the axis must hold so that a prediction is not cut off. */
export const theoryValues = (lines: readonly TheoryLine[]): number[] =>
  lines.flatMap(({ y, low, high }) => [...y, ...(low ?? []), ...(high ?? [])]).filter(Number.isFinite);

export const theoryLabels = (lines: readonly TheoryLine[]): { text: string; colour: string; y: number }[] =>
  lines.map(({ symbol, y, colour }) => ({ text: symbol, colour, y: y.findLast(Number.isFinite) ?? NaN }));

/** For the caption: what is dashed, and what its band means. */
export function theoryCaption({ active }: Theory, lines: readonly TheoryLine[]): string | false {
  const titles = [...new Set(active.map(({ overlay }) => inText(overlay.title)))];
  return titles.length > 0 && `dashed: ${titles.join(', ')}${lines.some(({ low }) => low !== null) ? ', in the band 95% of networks' : ''}`;
}
