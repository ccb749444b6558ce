'use client';
/** @file What a page of charts shares: the range of steps, scales, smoothing, following, the hovered step. Kept in the address, without history. */
import { createContext, use, useCallback, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';

import { readHighlight, writeHighlight, type Highlight } from './evidence.ts';
import { watchPrinting } from './paper.ts';

export interface View {
  readonly range: readonly [number, number] | null;
  readonly follow: boolean;
  readonly smoothing: number;
  /** Step of the depth profile; null is the newest. */
  readonly step: number | null;
  /** Charts whose vertical scale is not their default: id → log or linear. */
  readonly scales: Readonly<Record<string, 'log' | 'linear'>>;
  /** Charts zoomed along their vertical axis: id → ends, in the axis's own units (decades where it is logarithmic). */
  readonly spans: Readonly<Record<string, readonly [number, number]>>;
  /** A chart that a link points at. */
  readonly chart: string | null;
  /** Predictions drawn over a chart: id → their names. */
  readonly theory: Readonly<Record<string, readonly string[]>>;
  /** Runs that are compared, the others left out; empty is all of them. */
  readonly runs: readonly string[];
  /** Column that the table of runs is sorted by, with a minus from the largest down; null is by group. */
  readonly sort: string | null;
  /** What a diagnosis points at. */
  readonly highlight: Highlight | null;
}
const initial: View = {
  range: null,
  follow: true,
  smoothing: 0,
  step: null,
  scales: {},
  spans: {},
  chart: null,
  theory: {},
  runs: [],
  sort: null,
  highlight: null,
};

export interface Picked {
  readonly metric: string;
  readonly anchor: Readonly<Record<string, unknown>>;
}
export interface Mark {
  readonly id: string;
  readonly metric: string;
  readonly runId: string | null;
  readonly anchor: Readonly<Record<string, unknown>>;
  readonly title: string;
}
interface Shared {
  readonly view: View;
  readonly change: (part: Partial<View>) => void;
  /** Takes the last change back; `redo` brings it again. Null where there is none. */
  readonly undo: (() => void) | null;
  readonly redo: (() => void) | null;
  /** A place on a chart was picked for a note; null on pages without notes. */
  readonly pick: ((picked: Picked) => void) | null;
  readonly marks: readonly Mark[];
  readonly openMark: (id: string) => void;
}
const Context = createContext<Shared | null>(null);
export function useView(): Shared {
  const shared = use(Context);
  if (!shared) throw new Error('charts stand inside a ViewProvider');
  return shared;
}

export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const number = (name: string) => {
    const text = query.get(name);
    return text !== null && text !== '' && Number.isFinite(Number(text)) ? Number(text) : null;
  };
  const [from, to] = [number('from'), number('to')];
  const scales = Object.fromEntries(
    (query.get('scale') ?? '')
      .split(',')
      .map((part) => part.split(':'))
      .filter(([id, scale]) => id && (scale === 'log' || scale === 'linear')),
  ) as View['scales'];
  const spans = (query.get('y') ?? '').split(',').flatMap((part) => {
    const [id, low, high] = part.split(':');
    const ends = [Number(low), Number(high)] as const;
    return id && low && high && ends.every(Number.isFinite) && ends[0] < ends[1] ? [[id, ends] as const] : [];
  });
  return {
    range: from !== null && to !== null && to > from && from >= 0 ? [from, to] : null,
    follow: query.get('follow') !== '0',
    smoothing: Math.min(0.99, Math.max(0, number('smooth') ?? 0)),
    step: number('step'),
    scales,
    spans: Object.fromEntries(spans),
    chart: query.get('chart'),
    theory: Object.fromEntries(
      (query.get('theory') ?? '').split(',').flatMap((part) => {
        const [id, ...names] = part.split(':');
        return id && names.length > 0 ? [[id, names]] : [];
      }),
    ),
    runs: (query.get('runs') ?? '').split(',').filter(Boolean),
    sort: query.get('sort') || null,
    highlight: readHighlight(query.get('evidence') ?? ''),
  };
}

export function writeView(view: View, search: string): string {
  const query = new URLSearchParams(search);
  const put = (name: string, value: string | null) => (value === null ? query.delete(name) : query.set(name, value));
  put('from', view.range && String(view.range[0]));
  put('to', view.range && String(view.range[1]));
  put('follow', view.follow ? null : '0');
  put('smooth', view.smoothing ? String(view.smoothing) : null);
  put('step', view.step === null ? null : String(view.step));
  const scales = Object.entries(view.scales).map((pair) => pair.join(':'));
  put('scale', scales.length ? scales.join(',') : null);
  const spans = Object.entries(view.spans).map(([id, ends]) => [id, ...ends.map((end) => Number(end.toPrecision(6)))].join(':'));
  put('y', spans.length ? spans.join(',') : null);
  put('chart', view.chart);
  const theory = Object.entries(view.theory).map(([id, names]) => [id, ...names].join(':'));
  put('theory', theory.length ? theory.join(',') : null);
  put('runs', view.runs.length ? view.runs.join(',') : null);
  put('sort', view.sort);
  put('evidence', view.highlight && writeHighlight(view.highlight));
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The view and its changes, so that a zoom too far is one key back. */
export interface Story {
  readonly view: View | null;
  readonly past: readonly View[];
  readonly future: readonly View[];
  /** Fields of the last change: a slider that is dragged is one change, not fifty. */
  readonly last?: string;
}
const remembered = 100;
const sliding = new Set(['smoothing', 'step']);

export function changedStory(story: Story, part: Partial<View>): Story {
  const { view, past, last } = story;
  const old = view ?? initial;
  if (Object.entries(part).every(([field, value]) => JSON.stringify(value) === JSON.stringify(old[field as keyof View]))) return story;
  const fields = Object.keys(part).join();
  const goesOn = fields === last && sliding.has(fields);
  return { view: { ...old, ...part }, past: goesOn ? past : [...past.slice(1 - remembered), old], future: [], last: fields };
}
export const undone = ({ view, past, future }: Story): Story =>
  past.length === 0 ? { view, past, future } : { view: past.at(-1)!, past: past.slice(0, -1), future: [view!, ...future] };
export const redone = ({ view, past, future }: Story): Story =>
  future.length === 0 ? { view, past, future } : { view: future[0]!, past: [...past, view!], future: future.slice(1) };

export function ViewProvider({
  children,
  eager = false,
  pick = null,
  marks = [],
  openMark = () => {},
}: {
  children: ReactNode;
  /** Drawn before the address is read: for charts that fetch nothing by it. */
  eager?: boolean;
  pick?: Shared['pick'];
  marks?: readonly Mark[];
  openMark?: (id: string) => void;
}) {
  const [{ view, past, future }, setStory] = useState<Story>({ view: null, past: [], future: [] });
  useEffect(() => {
    const read = () => {
      const found = readView(location.search);
      // a step to a section of the page changes the address and not the view
      setStory((story) => (JSON.stringify(story.view) === JSON.stringify(found) ? story : { view: found, past: [], future: [] }));
    };
    read();
    window.addEventListener('popstate', read);
    return () => window.removeEventListener('popstate', read);
  }, []);
  useEffect(watchPrinting, []);
  useEffect(() => {
    if (view) history.replaceState(history.state, '', location.pathname + writeView(view, location.search) + location.hash);
  }, [view]);
  const change = useCallback((part: Partial<View>) => setStory((story) => changedStory(story, part)), []);
  const shared = useMemo(
    () => ({
      view: view ?? initial,
      change,
      undo: past.length > 0 ? () => setStory(undone) : null,
      redo: future.length > 0 ? () => setStory(redone) : null,
      pick,
      marks,
      openMark,
    }),
    [view, past.length, future.length, change, pick, marks, openMark],
  );
  // Before the address is read nothing is fetched, or it would be for the wrong range.
  return <Context value={shared}>{view || eager ? children : null}</Context>;
}

export interface Hover {
  readonly step: number;
  readonly title: string;
  readonly lines: readonly { readonly colour: string | null; readonly text: string; readonly value?: number | undefined }[];
}
let hover: Hover | null = null;
const hoverWatchers = new Set<() => void>();
/** Outside React's state: the crosshair moves with the mouse and must not draw a chart anew. */
export function setHover(next: Hover | null): void {
  hover = next;
  for (const watcher of hoverWatchers) watcher();
}
export function watchHover(watcher: () => void): () => void {
  hoverWatchers.add(watcher);
  return () => hoverWatchers.delete(watcher);
}
export const hoverNow = (): Hover | null => hover;
export const useHover = (): Hover | null => useSyncExternalStore(watchHover, hoverNow, () => null);
