/**
 * @file Any zoom of a metric: rows as recorded where there are few, else buckets of the level that fits the pixels.
 *
 * Tiles are made when first asked for and kept once their steps are complete, so a query reads about pixels/128 tiles and at most one
 * tile's worth of raw rows at the live end, however long the run is. What was stored after the head was read is left out: the cursor
 * of the answer is exact, and a subscription from it neither repeats nor misses a row.
 */
import { decodeChunk } from '#core/chunk.ts';
import {
  baseLevel,
  coarsen,
  createGatherer,
  decodeTile,
  encodeTile,
  joinBuckets,
  levelFor,
  means,
  rangeOf,
  tileBuckets,
  tileSteps,
} from '#core/pyramid.ts';
import type { Buckets } from '#core/pyramid.ts';
import { endOfAttempt, liveRows } from '#core/seams.ts';
import type { SeamMark } from '#core/seams.ts';
import type { Client } from '#drizzle/client.ts';
import { encodeCursor } from '../live/cursor.ts';
import { readRange } from './chunks.ts';
import type { SeamRow } from './loaders.ts';

export interface Window {
  readonly metric: string;
  readonly width: number;
  readonly level: number;
  readonly bucketSteps: number;
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly mean: Float32Array;
  readonly last: Float32Array;
  readonly nonFinite: Uint8Array;
  readonly firstSteps: Float64Array;
  readonly totalRows: number;
  readonly shownRows: number;
  readonly cursor: string;
  readonly seams: readonly SeamRow[];
}

/** An answer holds at most this many values: 17 bytes each, a third more in base64. */
const maxValues = 600_000;
/** Tiles built side by side: a tile of 1,000 layers is 3 MB. */
const breadth = 5;

interface Source {
  readonly client: Client;
  readonly runId: string;
  readonly metric: string;
  readonly width: number;
  readonly attempt: number;
  readonly endSeq: number;
  readonly seams: readonly SeamMark[];
  /** No row below this step will be added or dropped in this attempt. */
  readonly completeTo: number;
}

/** Live rows of steps in [from, to), as stretches of chunks in order. */
async function* stretches(source: Source, from: number, to: number) {
  for await (const bytes of readRange(source.client, source.runId, source.metric, { from, to, endSeq: source.endSeq })) {
    const { steps, values, attempt } = decodeChunk(bytes);
    const live = liveRows(steps, attempt, source.seams);
    let first = 0;
    while (first < live && steps[first]! < from) first++;
    let end = live;
    while (end > first && steps[end - 1]! >= to) end--;
    if (end > first) yield { steps, values, first, end };
  }
}

async function gather(source: Source, level: number, from: number, to: number): Promise<Buckets> {
  const gatherer = createGatherer(level, source.width);
  for await (const { steps, values, first, end } of stretches(source, from, to)) gatherer.add(steps, values, first, end);
  return gatherer.take();
}

/** Tiles [first, end) of a level, each joined from the level below where it is not kept. */
async function tiles(source: Source, level: number, first: number, end: number): Promise<Buckets[]> {
  const { client, runId, metric, width } = source;
  const { rows } = await client.pool.query<{ tile: number; body: Buffer }>({
    text: 'select tile, body from buckets where run_id = $1 and metric = $2 and level = $3 and tile >= $4 and tile < $5 and end_step <= $6',
    values: [runId, metric, level, first, end, source.completeTo],
  });
  const kept = new Map(rows.map(({ tile, body }) => [tile, decodeTile(body)]));
  const made = new Map<number, Buckets>();
  const split = (buckets: Buckets, from: number, to: number) => {
    for (let tile = from; tile < to; tile++) made.set(tile, rangeOf(buckets, tile * tileBuckets, (tile + 1) * tileBuckets));
  };
  for (let tile = first; tile < end; tile++) {
    if (kept.has(tile)) continue;
    let stop = tile + 1;
    const most = level - baseLevel >= breadth ? 1 : 2 ** (breadth - (level - baseLevel));
    while (stop < end && !kept.has(stop) && stop - tile < most) stop++;
    if (level === baseLevel) split(await gather(source, level, tile * tileSteps(level), stop * tileSteps(level)), tile, stop);
    else split(coarsen(joinBuckets(level - 1, width, await tiles(source, level - 1, 2 * tile, 2 * stop))), tile, stop);
    tile = stop - 1;
  }
  await keep(source, level, made);
  return Array.from({ length: end - first }, (_, at) => kept.get(first + at) ?? made.get(first + at)!);
}

async function keep(
  { client, runId, metric, attempt, completeTo }: Source,
  level: number,
  made: ReadonlyMap<number, Buckets>,
): Promise<void> {
  const whole = [...made].filter(([tile]) => (tile + 1) * tileSteps(level) <= completeTo);
  if (whole.length === 0) return;
  // The lock on the run's row keeps a new attempt's seam from coming between: what it would have dropped is not written after it.
  for (const [tile, buckets] of whole) {
    await client.pool.query({
      text: `insert into buckets (run_id, metric, level, tile, end_step, body)
        select id, $2, $3, $4, $5, $6 from runs where id = $1 and attempt = $7 for share on conflict do nothing`,
      values: [runId, metric, level, tile, (tile + 1) * tileSteps(level), Buffer.from(encodeTile(buckets).buffer), attempt],
    });
  }
}

async function raw(source: Source, from: number, to: number, most: number) {
  const parts: { steps: Float64Array; values: Float32Array }[] = [];
  let rows = 0;
  for await (const { steps, values, first, end } of stretches(source, from, to + 1)) {
    let stop = end;
    while (stop > first && steps[stop - 1]! > to) stop--;
    rows += stop - first;
    if (rows > most) return null;
    parts.push({ steps: steps.subarray(first, stop), values: values.subarray(first * source.width, stop * source.width) });
  }
  const steps = new Float64Array(rows);
  const values = new Float32Array(rows * source.width);
  let at = 0;
  for (const part of parts) {
    steps.set(part.steps, at);
    values.set(part.values, at * source.width);
    at += part.steps.length;
  }
  return { steps, values };
}

const flagsOf = (values: Float32Array) =>
  Uint8Array.from(values, (value) => (value - value === 0 ? 0 : Number.isNaN(value) ? 1 : value > 0 ? 2 : 4));
const finiteOnly = (values: Float32Array) => values.map((value) => (value - value === 0 ? value : NaN));

export async function metricWindow(
  client: Client,
  {
    runId,
    metric,
    fromStep,
    toStep,
    pixels,
  }: { runId: string; metric: string; fromStep: number | null; toStep: number | null; pixels: number },
): Promise<Window | null> {
  const { rows: found } = await client.pool.query({
    text: `select r.attempt, h.width, h.next_seq, h.attempt as head_attempt, h.last_step, h.rows,
        (select coalesce(jsonb_agg(to_jsonb(s) order by s.attempt), '[]') from seams s where s.run_id = r.id) as seams
      from runs r left join heads h on h.run_id = r.id and h.metric = $2 where r.id = $1`,
    values: [runId, metric],
  });
  const head = found[0];
  if (!head) return null;
  const seams: SeamRow[] = head.seams.map((seam: { run_id: string; attempt: number; step: number; reason: string; at: string }) => ({
    runId,
    attempt: seam.attempt,
    step: seam.step,
    reason: seam.reason,
    at: new Date(seam.at),
  }));
  const width: number = head.width ?? 0;
  const cursor = encodeCursor({ [metric]: head.next_seq ?? 0 }, runId);
  const newest = head.width === null ? -1 : Math.min(head.last_step, endOfAttempt(seams, head.head_attempt) - 1);
  const from = Math.max(0, fromStep ?? 0);
  const to = Math.min(toStep ?? newest, newest);
  const shape = { metric, width, from, to, cursor, seams };
  if (width === 0 || to < from) return fromRows(shape, new Float64Array(0), new Float32Array(0));

  const most = Math.max(1, Math.min(pixels, Math.floor(maxValues / width)));
  const completeTo = head.head_attempt === head.attempt ? head.last_step : endOfAttempt(seams, head.head_attempt);
  const source: Source = { client, runId, metric, width, attempt: head.attempt, endSeq: head.next_seq, seams, completeTo };
  const level = levelFor(from, to, most);
  // Metrics that are measured now and then have fewer rows than steps; a guess from their density decides whether to look.
  if (level === 0 || (head.rows / (head.last_step + 1)) * (to - from + 1) <= 2 * most) {
    const few = await raw(source, from, to, most);
    if (few) return fromRows(shape, few.steps, few.values);
  }
  return fromBuckets(shape, await bucketsOf(source, Math.max(1, level), from, to));
}

async function bucketsOf(source: Source, level: number, from: number, to: number): Promise<Buckets> {
  const size = 2 ** level;
  const first = Math.floor(from / size);
  const end = Math.floor(to / size) + 1;
  if (level < baseLevel) return gather(source, level, first * size, end * size);
  const parts = await tiles(source, level, Math.floor(first / tileBuckets), Math.floor((end - 1) / tileBuckets) + 1);
  return rangeOf(joinBuckets(level, source.width, parts), first, end);
}

type Shape = Pick<Window, 'metric' | 'width' | 'from' | 'to' | 'cursor' | 'seams'>;

function fromRows(shape: Shape, firstSteps: Float64Array, last: Float32Array): Window {
  const finite = finiteOnly(last);
  const rows = firstSteps.length;
  const same = { min: finite, max: finite, mean: finite, last, nonFinite: flagsOf(last) };
  return { ...shape, level: 0, bucketSteps: 1, rows, ...same, firstSteps, totalRows: rows, shownRows: rows };
}

function fromBuckets(shape: Shape, buckets: Buckets): Window {
  const bucketSteps = 2 ** buckets.level;
  const rows = buckets.index.length;
  return {
    ...shape,
    level: buckets.level,
    bucketSteps,
    rows,
    min: buckets.min,
    max: buckets.max,
    mean: means(buckets),
    last: buckets.last,
    nonFinite: buckets.flags,
    firstSteps: buckets.index.map((index) => index * bucketSteps),
    totalRows: buckets.rows.reduce((sum, count) => sum + count, 0),
    shownRows: rows,
  };
}
