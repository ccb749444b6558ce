'use client';
/** @file What a page of charts shares: the range of steps, scales, smoothing, following, the hovered step. Kept in the address, without history. */
import { createContext, use, useCallback, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';

export interface View {
  readonly range: readonly [number, number] | null;
  readonly follow: boolean;
  readonly smoothing: number;
  /** Step of the depth profile; null is the newest. */
  readonly step: number | null;
  /** Charts whose vertical scale is not their default: id → log or linear. */
  readonly scales: Readonly<Record<string, 'log' | 'linear'>>;
  /** A chart that a link points at. */
  readonly chart: string | null;
}
const initial: View = { range: null, follow: true, smoothing: 0, step: null, scales: {}, chart: null };

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
  /** A place on a chart was picked for a note. */
  readonly pick: (picked: Picked) => void;
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
  return {
    range: from !== null && to !== null && to > from && from >= 0 ? [from, to] : null,
    follow: query.get('follow') !== '0',
    smoothing: Math.min(0.99, Math.max(0, number('smooth') ?? 0)),
    step: number('step'),
    scales,
    chart: query.get('chart'),
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
  put('chart', view.chart);
  const text = query.toString();
  return text ? `?${text}` : '';
}

export function ViewProvider({
  children,
  pick = () => {},
  marks = [],
  openMark = () => {},
}: {
  children: ReactNode;
  pick?: Shared['pick'];
  marks?: readonly Mark[];
  openMark?: (id: string) => void;
}) {
  const [view, setView] = useState<View | null>(null);
  useEffect(() => {
    const read = () => setView(readView(location.search));
    read();
    window.addEventListener('popstate', read);
    return () => window.removeEventListener('popstate', read);
  }, []);
  useEffect(() => {
    if (view) history.replaceState(history.state, '', location.pathname + writeView(view, location.search) + location.hash);
  }, [view]);
  const change = useCallback((part: Partial<View>) => setView((old) => ({ ...(old ?? initial), ...part })), []);
  const shared = useMemo(() => ({ view: view ?? initial, change, pick, marks, openMark }), [view, change, pick, marks, openMark]);
  // Before the address is read nothing is fetched, or it would be for the wrong range.
  return <Context value={shared}>{view ? children : null}</Context>;
}

export interface Hover {
  readonly step: number;
  readonly title: string;
  readonly lines: readonly { readonly colour: string | null; readonly text: string }[];
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
