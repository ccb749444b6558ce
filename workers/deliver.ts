/**
 * @file Carries a spool to the server, in order, one request in flight: chunks in batches, checkpoints and reports between them.
 *
 * A frame is trimmed only after the server has answered for it, so a cut, a restart of either side or a duplicate loses nothing. A
 * checkpoint or a final report therefore never overtakes the rows before it.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readHeader } from '#core/chunk.ts';
import { appendMaxBytes, type Desired, type ReportRequest } from '#core/protocol.ts';
import { backoff, failureOf, type Claim, type Link } from './link.ts';
import type { SpooledReport } from './recorder.ts';
import { openSpoolReader, type Frame, type Position } from './spool.ts';

export interface DeliverOptions {
  readonly folder: string;
  readonly link: Link;
  readonly claim: Claim;
  readonly signal?: AbortSignal;
  readonly onDesired?: (desired: Desired) => void;
  /** Says something about the delivery itself (refused chunks, a server that is away). */
  readonly say?: (text: string) => void;
  readonly batchBytes?: number;
  readonly idleMs?: number;
  readonly retry?: ReturnType<typeof backoff>;
}

export interface Delivery {
  /** Something new is in the spool. */
  ring(): void;
  /** No more will come; `tail` are frames that the disk would not take. */
  end(tail?: readonly Frame[]): void;
  /** `drained`: all is delivered. `fenced`: the run belongs to another. `aborted`: the signal came first; the rest stays in the spool. */
  readonly done: Promise<'drained' | 'fenced' | 'aborted'>;
  /** The last status delivered, if any. */
  status(): ReportRequest['status'];
  /** The last word on the run is on its way or has arrived: from then on the server holds the run for nobody. */
  ending(): boolean;
}

type Entry = { frame: Frame; after: Position | null };
const sizeOf = ({ frame }: Entry): number => 4 + frame.payload.length;
const maxChunks = 1_000;
const isGone = (error: unknown): boolean => ['fenced', 'unknown'].includes(failureOf(error)); // unknown: the run was deleted
const isUseless = (error: unknown): boolean => ['refused', 'tooLarge'].includes(failureOf(error));

export function deliver(options: DeliverOptions): Delivery {
  const { folder, link, claim, signal, batchBytes = 1024 * 1024, idleMs = 500 } = options;
  const { onDesired = () => {}, say = () => {}, retry = backoff() } = options;
  const reader = openSpoolReader(folder);
  let tail: Entry[] | null = null;
  let wake = (): void => {};
  let rung = false;
  let status: ReportRequest['status'];
  let ending = false;

  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      if (rung) return resolve();
      const timer = setTimeout(resolve, idleMs); // the bell may be lost with the process that rings it
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  /** Sends until the server has answered; only a run that is gone or a request that is wrong in itself gets out of here. */
  const insist = async <Answer>(send: () => Promise<Answer>): Promise<Answer> => {
    for (let first = true; ; first = false) {
      try {
        const answer = await send();
        retry.reset();
        return answer;
      } catch (error) {
        if (isGone(error) || isUseless(error) || signal?.aborted) throw error;
        if (first) say(`the server does not take it, trying again: ${(error as Error).message}`);
        await retry.wait(signal);
        if (signal?.aborted) throw error;
      }
    }
  };
  const sendChunks = async (chunks: readonly Uint8Array[]): Promise<void> => {
    try {
      const { acked, desired } = await insist(() => link.append(claim, chunks, signal));
      onDesired(desired);
      for (const [metric, seq] of lastSeqs(chunks))
        if ((acked[metric] ?? -1) < seq)
          say(`the server holds ${metric} only up to chunk ${acked[metric] ?? -1} of ${seq}: earlier chunks are missing there`);
    } catch (error) {
      if (!isUseless(error)) throw error;
      if (chunks.length === 1) return say(`a chunk was refused and is dropped: ${(error as Error).message}`);
      const half = Math.ceil(chunks.length / 2); // finds the one that is wrong, the others get through
      await sendChunks(chunks.slice(0, half));
      await sendChunks(chunks.slice(half));
    }
  };
  const sendOther = async ({ kind, payload }: Frame): Promise<void> => {
    const body = JSON.parse(Buffer.from(payload).toString()) as SpooledReport | { step: number; file: string };
    try {
      if (kind === 'report') {
        const report = body as SpooledReport;
        ending ||= report.status !== undefined && report.status !== 'running';
        onDesired((await insist(() => link.report({ ...report, ...claim }, signal))).desired);
        status = report.status ?? status;
      } else await sendCheckpoint(body as { step: number; file: string });
    } catch (error) {
      if (!isUseless(error)) throw error;
      say(`a ${kind} was refused and is dropped: ${(error as Error).message}`);
    }
  };
  const sendCheckpoint = async ({ step, file }: { step: number; file: string }): Promise<void> => {
    const path = join(folder, file);
    if (!existsSync(path)) return; // a newer one has taken its place
    await insist(async () => {
      if (existsSync(path)) await link.putCheckpoint(claim, step, path, signal);
    });
    rmSync(path, { force: true });
  };
  const send = async (entries: readonly Entry[]): Promise<void> => {
    for (let i = 0; i < entries.length;) {
      const batch = [entries[i++]!];
      if (batch[0]!.frame.kind !== 'chunk') await sendOther(batch[0]!.frame);
      else {
        let bytes = sizeOf(batch[0]!);
        for (; i < entries.length && entries[i]!.frame.kind === 'chunk'; batch.push(entries[i++]!)) {
          bytes += sizeOf(entries[i]!);
          if (batch.length >= maxChunks || bytes > Math.min(batchBytes, appendMaxBytes)) break;
        }
        await sendChunks(batch.map(({ frame }) => frame.payload));
      }
      const { after } = batch.at(-1)!;
      if (after) reader.trim(after);
    }
  };
  const loop = async (): Promise<'drained' | 'fenced' | 'aborted'> => {
    try {
      while (!signal?.aborted) {
        rung = false;
        const ended = tail; // read before looking into the spool: what came before the end is then seen
        const entries: Entry[] = reader.next(batchBytes);
        if (entries.length > 0) await send(entries);
        else if (ended) {
          await send(ended);
          return 'drained';
        } else await idle();
      }
      return 'aborted';
    } catch (error) {
      if (isGone(error)) return 'fenced';
      if (signal?.aborted) return 'aborted';
      throw error;
    } finally {
      reader.close();
    }
  };
  const ring = (): void => {
    rung = true;
    wake();
  };
  const onAbort = (): void => wake();
  signal?.addEventListener('abort', onAbort);
  const done = loop().finally(() => signal?.removeEventListener('abort', onAbort));
  return {
    ring,
    end(frames = []) {
      tail ??= frames.map((frame) => ({ frame, after: null }));
      ring();
    },
    done,
    status: () => status,
    ending: () => ending,
  };
}

function lastSeqs(chunks: readonly Uint8Array[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const chunk of chunks) {
    const { metric, seq } = readHeader(chunk);
    last.set(metric, Math.max(seq, last.get(metric) ?? -1));
  }
  return last;
}
