'use client';
/**
 * @file One subscription per run for all metrics that some visible chart draws. Stores are shared by charts that want the same window
 * and outlive them for a moment, so that scrolling past and back asks for nothing twice.
 */
import { decodeChunk } from '#core/chunk.ts';
import { subscribe } from './client.ts';
import { createSeries, fromBase64, type Series } from './series.ts';
import { askWindow, type WindowWish } from './windows.ts';

interface Batch {
  readonly metricChunks: { readonly chunks: readonly { readonly data: string }[]; readonly cursor: string; readonly latest: number };
}
const batchQuery =
  'subscription ($runId: ID!, $metrics: [String!]!, $after: String) { metricChunks(runId: $runId, metrics: $metrics, after: $after) { cursor latest chunks { data } } }';

/** Redraws are at most this often, however fast chunks come. */
const redrawEveryMs = 120;
const keepMs = 3_000;
const settleMs = 60;

export interface Store {
  readonly wish: WindowWish;
  series: Series | null;
  error: string | null;
  /** When rows last came in over the live line, for the lag in the caption. */
  heardAt: number | null;
  version: number;
  live: boolean;
  users: number;
  fold: ReturnType<typeof createSeries> | null;
  cursor: string | null;
  dirty: boolean;
  asking: boolean;
}

const stores = new Map<string, Store>();
const watchers = new Set<() => void>();
const lines = new Map<string, { metrics: string; cursor: string | null; end: () => void }>();
let timer: ReturnType<typeof setTimeout> | null = null;
let settling: ReturnType<typeof setTimeout> | null = null;

export const watchStores = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

function redraw(): void {
  timer ??= setTimeout(() => {
    timer = null;
    for (const store of stores.values()) {
      if (!store.dirty) continue;
      store.dirty = false;
      store.version++;
      store.series = store.fold?.view() ?? null;
    }
    for (const watcher of watchers) watcher();
  }, redrawEveryMs);
}

async function load(store: Store): Promise<void> {
  if (store.asking) return;
  store.asking = true;
  try {
    const answer = await askWindow(store.wish);
    store.fold = createSeries(answer, store.wish.pixels, store.wish.range);
    store.cursor = answer.cursor;
    store.error = null;
  } catch (error) {
    store.error = (error as Error).message;
  }
  store.asking = false;
  store.dirty = true;
  redraw();
  settle();
}

/** Opens, widens and closes the lines once the charts have settled. */
function settle(): void {
  settling ??= setTimeout(() => {
    settling = null;
    const wanted = new Map<string, Store[]>();
    for (const store of stores.values())
      if (store.live && store.users > 0 && store.fold) wanted.set(store.wish.runId, [...(wanted.get(store.wish.runId) ?? []), store]);
    for (const [runId, line] of lines)
      if (!wanted.has(runId)) {
        line.end();
        lines.delete(runId);
      }
    for (const [runId, of] of wanted) open(runId, of);
  }, settleMs);
}

function open(runId: string, of: readonly Store[]): void {
  const names = [...new Set(of.map(({ wish }) => wish.metric))].sort();
  const metrics = names.join(',');
  const old = lines.get(runId);
  if (old?.metrics === metrics && of.every(({ cursor }) => cursor === null)) return;
  old?.end();
  // Where the line already carries a metric its own cursor holds: rows that a newer window has are skipped by their steps.
  const carried = new Set(old?.cursor ? old.metrics.split(',') : []);
  const after = [
    ...(old?.cursor ? [old.cursor] : []),
    ...of.filter(({ wish, cursor }) => cursor && !carried.has(wish.metric)).map(({ cursor }) => cursor!),
  ];
  for (const store of of) store.cursor = null;
  const line = { metrics, cursor: after.length ? after.join(',') : null, end: () => {} };
  line.end = subscribe<Batch>(batchQuery, { runId, metrics: names, after: line.cursor }, ({ metricChunks: { chunks, cursor } }) => {
    line.cursor = cursor;
    for (const { data } of chunks) {
      const chunk = decodeChunk(fromBase64(data));
      for (const store of stores.values()) {
        if (store.wish.runId !== runId || store.wish.metric !== chunk.metric || !store.fold || store.asking) continue;
        if (store.fold.append(chunk)) {
          store.dirty = true;
          store.heardAt = Date.now();
        } else void load(store);
      }
    }
    if (chunks.length > 0) redraw();
  });
  lines.set(runId, line);
}

export const storeKey = ({ runId, metric, range, pixels }: WindowWish): string => `${runId} ${metric} ${range?.join('-') ?? ''} ${pixels}`;

/** Takes a store; call what comes back when it is no longer drawn. */
export function takeStore(wish: WindowWish, live: boolean): { store: Store; release: () => void } {
  const key = storeKey(wish);
  let store = stores.get(key);
  if (!store) {
    store = {
      wish,
      series: null,
      error: null,
      heardAt: null,
      version: 0,
      live,
      users: 0,
      fold: null,
      cursor: null,
      dirty: false,
      asking: false,
    };
    stores.set(key, store);
    void load(store);
  }
  const taken = store;
  taken.users++;
  if (live !== taken.live || taken.users === 1) {
    // A run that was at rest goes on, or a chart comes back after its line was closed: what was missed is in a fresh window.
    if (taken.fold && live && !lines.get(wish.runId)?.metrics.split(',').includes(wish.metric)) void load(taken);
    taken.live = live;
    settle();
  }
  let released = false;
  return {
    store: taken,
    release: () => {
      if (released) return;
      released = true;
      taken.users--;
      settle();
      setTimeout(() => {
        if (taken.users === 0 && stores.get(key) === taken) stores.delete(key);
      }, keepMs);
    },
  };
}
