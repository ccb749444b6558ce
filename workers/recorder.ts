/**
 * @file The recorder: takes rows from the training loop, never blocks it, never throws into it.
 *
 * Rows wait in memory for at most `flushMs` or `flushBytes`, then go to the spool as one chunk per metric. When the disk is full they wait
 * longer; when memory reaches `memoryBytes`, or the spool passes half of its quota, every 2^k-th row is kept: k grows by one each time memory
 * fills again or another 32nd of the quota is used (so each level lasts twice as long as the one before), and falls when there is room.
 * Memory and disk stay bounded, the run goes on and says so.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chunkLimits } from '#core/chunk.ts';
import type { LogLine, ReportRequest, RunFacts } from '#core/protocol.ts';
import { pendingRows, type PendingRows } from './pendingRows.ts';
import { openSpoolWriter, type Frame, type SpoolWriter } from './spool.ts';

/** A report without the three keys that the sender knows. */
export type SpooledReport = Omit<ReportRequest, 'worker' | 'run' | 'attempt'>;

export interface RecorderOptions {
  readonly folder: string;
  readonly attempt: number;
  /** First seq per metric: what the store holds of this run already. */
  readonly nextSeq?: Readonly<Record<string, number>>;
  readonly flushMs?: number;
  readonly flushBytes?: number;
  readonly memoryBytes?: number;
  readonly quotaBytes?: number;
  /** Called when something new is in the spool. */
  readonly ring?: () => void;
  /** Takes log lines past the spool while that cannot be written. */
  readonly tell?: (line: LogLine) => void;
  readonly spool?: SpoolWriter;
  readonly now?: () => number;
}

export interface Recorder {
  append(metric: string, step: number, row: ArrayLike<number>): void;
  log(level: LogLine['level'], text: string): void;
  facts(facts: RunFacts): void;
  progress(step: number): void;
  report(report: SpooledReport): void;
  checkpoint(step: number, bytes: Uint8Array): void;
  flush(): void;
  /** Flushes and stops. Frames that the disk would not take are handed back, so that they can travel another way. */
  close(): Frame[];
}

/** Progress and facts travel at most this often: each report is a transaction on the run's row. */
const newsMs = 1_000;
const maxLevel = 20;
const maxLogLines = 200;
/** The server takes reasons and log lines of this length; a longer last word would be refused as a whole. */
export const maxReason = 2_000;
const keptCheckpoints = 2; // the newest, and the one before it that may be on its way
const usedEveryBytes = 1024 * 1024;

export function openRecorder(options: RecorderOptions): Recorder {
  const { folder, attempt, flushMs = 100, flushBytes = 65_536, memoryBytes = 8 * 1024 * 1024, quotaBytes = 1024 ** 3 } = options;
  const { ring = () => {}, now = () => performance.now() } = options;
  const spool = options.spool ?? openSpoolWriter(folder);
  const pending = new Map<string, { rows: PendingRows; seen: number; nextSeq: number }>();
  const checkpoints: string[] = [];
  let control: Frame[] = []; // reports and checkpoints, in order, behind the rows
  let lines: LogLine[] = [];
  let news: { step?: number; facts?: RunFacts } = {};
  let lastFlush = now();
  let lastNews = -Infinity;
  let failures = 0; // writes that failed in a row
  let memoryLevel = 0;
  let quotaLevel = 0;
  let level = 0;
  let sinceUsed = Infinity;

  const say = (severity: LogLine['level'], text: string): void => {
    const line = { at: new Date().toISOString(), level: severity, text: text.slice(0, maxReason) };
    if (failures > 0 && options.tell) return options.tell(line);
    lines.push(line);
    if (lines.length > maxLogLines) lines.shift();
  };
  const setLevel = (why: string): void => {
    const wanted = Math.min(Math.max(memoryLevel, quotaLevel), maxLevel);
    if (wanted > level) say('warn', `${why}: recording every ${2 ** wanted}th row until there is room`);
    if (wanted === 0 && level > 0) say('info', 'there is room for the spool again: recording every row');
    level = wanted;
  };
  const checkQuota = (written: number): void => {
    sinceUsed += written;
    if (sinceUsed < usedEveryBytes && level === 0) return;
    sinceUsed = 0;
    const used = spool.used();
    quotaLevel = used < quotaBytes / 2 ? 0 : 1 + Math.floor((used / quotaBytes - 0.5) * 32);
    const mebibytes = (bytes: number): number => Math.round(bytes / 1024 ** 2);
    setLevel(`the spool holds ${mebibytes(used)} of ${mebibytes(quotaBytes)} MiB that the server has not taken`);
  };
  const waiting = (): number => {
    let bytes = 0;
    for (const { rows } of pending.values()) bytes += rows.bytes;
    return bytes;
  };
  const frames = (): Frame[] => {
    const all: Frame[] = [];
    for (const [metric, { rows, nextSeq }] of pending)
      for (const payload of rows.chunks({ metric, seq: nextSeq, attempt })) all.push({ kind: 'chunk', payload });
    const newsDue = Object.keys(news).length > 0 && (control.length > 0 || now() - lastNews >= newsMs);
    if (lines.length > 0 || newsDue) all.push(reportFrame({ ...news, ...(lines.length > 0 ? { log: lines } : {}) }));
    all.push(...control);
    return all;
  };
  /** `told`: the news are in the frames too. */
  const settle = (told: boolean): void => {
    for (const metric of pending.values()) {
      metric.nextSeq += metric.rows.chunkCount;
      metric.rows.clear();
    }
    if (told) [news, lastNews] = [{}, now()];
    lines = [];
    control = [];
  };
  const onFailure = (error: NodeJS.ErrnoException): void => {
    const why = `the spool cannot be written (${error.code ?? error.message})`;
    if (failures++ === 0) say('warn', `${why}: rows wait in memory`);
    while (waiting() > memoryBytes) {
      for (const { rows } of pending.values()) rows.thin();
      memoryLevel++;
      if (memoryLevel > maxLevel) for (const { rows } of pending.values()) rows.clear();
    }
    control = control.slice(-8);
    setLevel(why);
  };
  const flush = (): void => {
    lastFlush = now();
    const all = frames();
    if (all.length === 0) return level > 0 ? checkQuota(0) : undefined;
    try {
      spool.append(all);
    } catch (error) {
      return onFailure(error as NodeJS.ErrnoException);
    }
    settle(all.some(({ kind }) => kind === 'report'));
    failures = 0;
    memoryLevel = 0;
    checkQuota(all.reduce((sum, frame) => sum + frame.payload.length, 0));
    ring();
  };
  let bytes = 0; // since the last flush
  const flushWhenDue = (): void => {
    const waitMs = flushMs * Math.min(2 ** failures, 32); // a full disk is tried again after 0.2, 0.4, … 3.2 s
    if (now() - lastFlush < waitMs && (failures > 0 ? bytes < memoryBytes : bytes < flushBytes)) return;
    bytes = 0;
    flush();
  };
  const take = (metric: string, step: number, row: ArrayLike<number>): void => {
    const { maxWidth } = chunkLimits;
    if (!metricName.test(metric) || row.length < 1 || row.length > maxWidth || !(step >= 0 && step <= Number.MAX_SAFE_INTEGER))
      return say('error', `row refused: ${metric} of width ${row.length} at step ${step}; allowed: width 1 to ${maxWidth}, steps from 0`);
    let known = pending.get(metric);
    if (!known) pending.set(metric, (known = { rows: pendingRows(row.length), seen: 0, nextSeq: options.nextSeq?.[metric] ?? 0 }));
    if (known.seen++ % 2 ** level === 0) {
      if (known.rows.count > 0 && (known.rows.width !== row.length || step < known.rows.lastStep)) flush();
      if (known.rows.count > 0 && (known.rows.width !== row.length || step < known.rows.lastStep)) known.rows.clear(); // no room on the disk
      if (known.rows.width !== row.length) known.rows = pendingRows(row.length);
      known.rows.push(step, row);
      bytes += 8 + 4 * row.length;
    }
    flushWhenDue();
  };

  return {
    append(metric, step, row) {
      try {
        take(metric, step, row);
      } catch (error) {
        say('error', `recorder: ${(error as Error).message}`);
      }
    },
    log: say,
    facts: (facts) => void (news = { ...news, facts: { ...news.facts, ...facts } }),
    progress: (step) => void (news = { ...news, step }),
    report: (report) =>
      void control.push(reportFrame({ ...report, ...(report.reason ? { reason: report.reason.slice(0, maxReason) } : {}) })),
    checkpoint(step, body) {
      const file = `checkpoint-${step}.bin`;
      try {
        writeFileSync(join(folder, file), body);
        control.push({ kind: 'checkpoint', payload: Buffer.from(JSON.stringify({ step, file })) });
        checkpoints.push(file);
        if (checkpoints.length > keptCheckpoints) rmSync(join(folder, checkpoints.shift()!), { force: true });
      } catch (error) {
        rmSync(join(folder, file), { force: true });
        say('warn', `the checkpoint of step ${step} could not be kept: ${(error as Error).message}`);
      }
      flush();
    },
    flush,
    close() {
      lastNews = -Infinity;
      flush();
      const left = frames();
      settle(true);
      spool.close();
      return left;
    },
  };
}

const metricName = /^[a-z][a-zA-Z0-9.]{0,63}$/;
const reportFrame = (report: SpooledReport): Frame => ({ kind: 'report', payload: Buffer.from(JSON.stringify(report)) });
