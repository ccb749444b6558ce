'use client';
/** @file One metric over groups of runs: fetched, live, on common steps; with what every caption says. */
import { useMemo, type RefObject } from 'react';
import { useInSight, useMetric } from '../_live/useMetric.ts';
import { duration, useNow } from '../_ui/Time.tsx';
import { align, type Aligned } from './align.ts';
import { mayGrow, type Group } from './runs.ts';
import { useView } from './view.tsx';

export interface GroupSeries {
  readonly group: Group;
  /** Positions of its runs in the aligned series. */
  readonly members: readonly number[];
}
export interface GroupMetric {
  readonly aligned: Aligned;
  readonly groups: readonly GroupSeries[];
  readonly loading: boolean;
  readonly error: string | null;
  readonly empty: boolean;
  /** Seeds of the group that has most of them drawn. */
  readonly seeds: number;
  /** `n = 3 seeds · 512 of 2,104 rows · 0.3 s behind`. */
  readonly facts: string;
  readonly seams: readonly number[];
  /** Last step of all runs when no more rows will come: where the charts of a page end together. */
  readonly end: number | null;
}

/** `frame`: the chart; what is far out of sight is not asked for. */
export function useGroups(metric: string, groups: readonly Group[], frame: RefObject<HTMLElement | null>): GroupMetric {
  const inSight = useInSight(frame);
  const { view } = useView();
  const runs = useMemo(() => groups.flatMap((group) => group.runs), [groups]);
  const key = JSON.stringify(runs.map((run) => [run.id, mayGrow(run)]));
  const wishes = useMemo(() => (JSON.parse(key) as [string, boolean][]).map(([runId, live]) => ({ runId, metric, live })), [key, metric]);
  const { series, loading, error, heardAt } = useMetric(wishes, { range: view.range, enabled: inSight, frozen: !view.follow });
  const aligned = useMemo(() => align(series), [series]);
  const members = useMemo(() => {
    let at = 0;
    return groups.map((group) => ({ group, members: group.runs.map(() => at++) }));
  }, [groups]);
  const present = series.filter((each) => each !== null && each.rows > 0);
  const seeds = Math.max(0, ...members.map((each) => each.members.filter((i) => (series[i]?.rows ?? 0) > 0).length));
  const shown = present.reduce((sum, each) => sum + each!.rows, 0);
  const total = present.reduce((sum, each) => sum + each!.totalRows, 0);
  const live = wishes.some((wish, i) => wish.live && (series[i]?.rows ?? 0) > 0);
  const now = useNow(live && view.follow);
  const facts = [
    `n = ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}`,
    `${shown.toLocaleString('en')} of ${Math.round(total).toLocaleString('en')} rows shown`,
    ...(aligned.each > 1 ? [`buckets of ${aligned.each} steps`] : []),
    ...(live && heardAt !== null ? [view.follow ? `newest rows ${duration(Math.max(0, now - heardAt) / 1_000)} old` : 'not followed'] : []),
  ].join(' · ');
  const end = wishes.some((wish) => wish.live) ? null : Math.max(0, ...runs.map(({ step }) => step));
  const seams = useMemo(() => [...new Set(series.flatMap((each) => each?.seams.map(({ step }) => step) ?? []))], [series]);
  return { aligned, groups: members, loading, error, empty: !loading && present.length === 0, seeds, facts, seams, end };
}
