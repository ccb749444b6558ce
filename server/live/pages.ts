/**
 * @file Pages of chunks: the loop behind `metricChunks`. Read after the cursor, yield, sleep until rung; history and live are the same.
 *
 * A page is found by (run, metrics, cursor): everyone at the same cursor shares one read and, as the page is one object, one
 * serialization (live/share.ts). A slow client asks later and gets a larger page; nothing queues for it.
 */
import { closable } from './closable.ts';
import { encodeCursor } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { Doorbell } from './doorbell.ts';
import { createPulses } from './pulse.ts';

export interface PageChunk {
  readonly metric: string;
  readonly seq: number;
  readonly firstStep: number;
  readonly lastStep: number;
  readonly rows: number;
  readonly width: number;
  readonly body: Buffer;
}
export interface Page {
  readonly chunks: readonly PageChunk[];
  readonly cursor: string;
  readonly latest: number;
}
interface Found extends Page {
  readonly next: Cursor;
  /** The page was full: there is more at once. */
  readonly full: boolean;
  /** At which beat it was read. */
  readonly beat: number;
}

export interface Pages {
  follow(runId: string, metrics: readonly string[], from: Cursor): AsyncGenerator<Page, void, void>;
  following(): number;
}

export type ReadChunks = (runId: string, from: Cursor, maxBytes: number) => Promise<{ chunks: PageChunk[]; latest: number; full: boolean }>;

/** Ten batches a second: below 100 ms the browser spends more on drawing than the eye gains. */
const everyMs = 100;
/** 1 MiB: about 1.4 MB of base64, a few milliseconds to decode; a slow client holds one. */
const pageBytes = 1024 * 1024;
/** Those who follow live ask within milliseconds of each other; the rest are a little late. */
const keptMs = 1_000;
const keptPages = 64;
const retryMs = 500;

export function createPages(bell: Doorbell, read: ReadChunks): Pages {
  const pulses = createPulses(bell, everyMs);
  const kept = new Map<string, Promise<Found>>();
  let following = 0;

  async function load(runId: string, from: Cursor, beat: number): Promise<Found> {
    const { chunks, latest, full } = await read(runId, from, pageBytes);
    const next: Record<string, number> = { ...from };
    for (const { metric, seq } of chunks) next[metric] = Math.max(next[metric] ?? 0, seq + 1);
    return { chunks, latest, full, next, beat, cursor: encodeCursor(next, runId) };
  }

  function after(runId: string, from: Cursor, beat: number): Promise<Found> {
    const key = encodeCursor(from, runId);
    const found = kept.get(key);
    if (found) return found;
    const page = load(runId, from, beat);
    kept.set(key, page);
    if (kept.size > keptPages) kept.delete(kept.keys().next().value!);
    const forget = () => kept.get(key) === page && kept.delete(key);
    page.then(
      // An empty page is true only now.
      ({ chunks }) => (chunks.length === 0 ? forget() : setTimeout(forget, keptMs).unref()),
      forget,
    );
    return page;
  }

  return {
    follow(runId, metrics, from) {
      return closable(async function* (signal) {
        const pulse = pulses.join(`run:${runId}`);
        following++;
        try {
          let cursor: Cursor = Object.fromEntries(metrics.map((metric) => [metric, from[metric] ?? 0]));
          let first = true;
          while (!signal.aborted) {
            const seen = pulse.beat();
            let page: Found;
            try {
              page = await after(runId, cursor, seen);
            } catch {
              // The database is away; it rings all when it is back, and the cursor has not moved.
              await new Promise<void>((resolve) => setTimeout(resolve, retryMs));
              continue;
            }
            if (signal.aborted) return;
            cursor = page.next;
            // The first page is given even when empty: it says that the stream stands.
            if (page.chunks.length > 0 || first) yield page;
            first = false;
            // A kept page of an earlier beat: more has come since. Waiting here would leave this follower one page behind for good.
            if (!page.full && page.beat >= seen) await pulse.after(seen, signal);
          }
        } finally {
          following--;
          pulse.leave();
        }
      });
    },
    following: () => following,
  };
}
