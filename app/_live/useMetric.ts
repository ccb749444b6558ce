'use client';
/** @file Metrics of runs as charts draw them: history at the zoom that is shown, then live; nothing is fetched for a chart out of sight. */
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { takeStore, watchStores, type Store } from './runStream.ts';
import type { Series } from './series.ts';

export interface MetricWish {
  readonly runId: string;
  readonly metric: string;
  /** Whether rows may still come. */
  readonly live: boolean;
}

export interface MetricState {
  readonly series: readonly (Series | null)[];
  readonly loading: boolean;
  readonly error: string | null;
  /** Milliseconds since rows last came over the live line; null where none has. */
  readonly heardAt: number | null;
}

/** The series of `wishes`, in their order. While `enabled` is false (out of sight) or `frozen` (not followed) the last ones stay. */
export function useMetric(
  wishes: readonly MetricWish[],
  {
    range,
    pixels = 600,
    enabled = true,
    frozen = false,
  }: { range: readonly [number, number] | null; pixels?: number; enabled?: boolean; frozen?: boolean },
): MetricState {
  const [state, setState] = useState<MetricState>({ series: [], loading: true, error: null, heardAt: null });
  const held = useRef<Store[]>([]);
  const stop = useRef(frozen);
  const key = JSON.stringify(wishes);
  const rangeKey = range ? `${range[0]}-${range[1]}` : '';
  useEffect(() => {
    stop.current = frozen;
  }, [frozen]);
  useEffect(() => {
    if (!enabled) return;
    const wanted = JSON.parse(key) as MetricWish[];
    const between = rangeKey === '' ? null : (rangeKey.split('-').map(Number) as [number, number]);
    const taken = wanted.map(({ runId, metric, live }) => takeStore({ runId, metric, range: between, pixels }, live));
    held.current = taken.map(({ store }) => store);
    let seen = '';
    let complete = false;
    const read = () => {
      const version = held.current.map((store) => store.version).join(',');
      const all = held.current.every((store) => store.series !== null || store.error !== null);
      if (version === seen || (stop.current && complete) || !all) return;
      seen = version;
      complete = true;
      const heard = held.current.map((store) => store.heardAt ?? 0);
      setState({
        series: held.current.map((store) => store.series),
        loading: false,
        error: held.current.find((store) => store.error)?.error ?? null,
        heardAt: Math.max(0, ...heard) || null,
      });
    };
    read();
    const end = watchStores(read);
    return () => {
      end();
      for (const { release } of taken) release();
    };
  }, [key, rangeKey, pixels, enabled, frozen]);
  return useMemo(
    () =>
      state.series.length === wishes.length ? state : { ...state, loading: true, series: wishes.map((_, i) => state.series[i] ?? null) },
    [state, wishes],
  );
}

/** True once the element has come near the viewport, false again when it has left it. */
export function useInSight(ref: RefObject<HTMLElement | null>): boolean {
  const [inSight, setInSight] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => setInSight(entry!.isIntersecting), { rootMargin: '200px' });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return inSight;
}
