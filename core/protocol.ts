/**
 * @file What a worker and the server say to each other. HTTP, JSON unless said; every request carries `authorization: Bearer <worker token>`.
 *
 *     POST /worker/register    RegisterRequest -> RegisterAnswer
 *     POST /worker/claim       ClaimRequest    -> ClaimAnswer          waits up to `waitMs`; run is null when there is none
 *     POST /worker/append      chunks (below)  -> AppendAnswer         ?worker=&run=&attempt=
 *     POST /worker/heartbeat   HeartbeatRequest -> HeartbeatAnswer     every `heartbeatMs`, whatever else is sent
 *     POST /worker/report      ReportRequest   -> ReportAnswer         status, progress, log lines, facts about the run
 *     PUT  /worker/checkpoint  bytes           -> { stored: true }     ?worker=&run=&attempt=&step=
 *     GET  /worker/checkpoint  -> bytes or 404                         ?worker=&run=&attempt=
 *
 * Body of append: chunks one after another, each preceded by its length as uint32 little-endian; at most `appendMaxBytes`.
 * Answers: 200; 404 no such worker, register again; 400 malformed (the message says what, got, allowed; nothing was stored); 401 no such token; 409 fenced: the run
 * belongs to another worker or attempt now, drop it and stop; 413 too large; 503 the database is away, try again.
 */
import type { Spec } from './spec.ts';

export const protocolVersion = 1;
export const heartbeatMs = 5_000;
/** A run whose worker has been silent this long is stalled; after the lease it is given to another worker. */
export const stalledAfterMs = 15_000;
export const leaseMs = 60_000;
export const appendMaxBytes = 16 * 1024 * 1024;
export const checkpointMaxBytes = 512 * 1024 * 1024;

export const statuses = ['queued', 'running', 'paused', 'stalled', 'diverged', 'stopped', 'crashed', 'finished'] as const;
export type Status = (typeof statuses)[number];
/** Of a claim: being measured; measured, with a verdict; failed, with a reason; stopped by people. */
export const findingStates = ['measuring', 'measured', 'failed', 'stopped'] as const;
export type FindingState = (typeof findingStates)[number];
/** What the people want of a run; the worker obeys at the next call boundary. */
export type Desired = 'run' | 'pause' | 'stop';

export interface RegisterRequest {
  readonly protocol: number;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly runtimes: readonly {
    readonly name: string;
    readonly version: string;
    readonly device: string;
    readonly available: boolean;
    readonly reason?: string;
  }[];
}
export interface RegisterAnswer {
  readonly worker: string;
}
export interface ClaimRequest {
  readonly worker: string;
  readonly waitMs: number;
}
export interface ClaimAnswer {
  readonly run: null | {
    readonly id: string;
    readonly attempt: number;
    readonly spec: Spec;
    /** Step of the stored checkpoint, null when the run starts afresh. */
    readonly checkpointStep: number | null;
    /** Next seq per metric: what the store already holds of this run. */
    readonly nextSeq: Readonly<Record<string, number>>;
  };
}
export interface AppendAnswer {
  /** Highest contiguous seq stored, per metric of the request; the spool may drop what is at or below. */
  readonly acked: Readonly<Record<string, number>>;
  readonly desired: Desired;
}
export interface HeartbeatRequest {
  readonly worker: string;
  readonly run: string | null;
  readonly attempt: number | null;
}
export interface HeartbeatAnswer {
  readonly desired: Desired;
}
export interface LogLine {
  readonly at: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}
/** Facts a worker learns about a run; all optional, merged into the run's row. */
export interface RunFacts {
  readonly runtime?: string;
  readonly runtimeVersion?: string;
  readonly device?: string;
  readonly precision?: string;
  /** The table of `choose`: candidates with milliseconds per step, or why not. */
  readonly runtimeTable?: readonly {
    readonly runtime: string;
    readonly device: string;
    readonly version: string;
    readonly stepMs: number | null;
    readonly reason?: string;
  }[];
  readonly layers?: readonly { readonly name: string; readonly kind: string; readonly scaleInvariant: boolean }[];
  readonly metrics?: readonly { readonly name: string; readonly axes: readonly string[]; readonly width: number }[];
  readonly parameters?: number;
  readonly curvatureBatch?: number;
  readonly curvatureShare?: number;
  readonly stepsPerSecond?: number;
  readonly finals?: Readonly<Record<string, number | string | null>>;
  readonly host?: string;
}
export interface ReportRequest {
  readonly worker: string;
  readonly run: string;
  readonly attempt: number;
  /**
   * Absent: only progress. Final: diverged, stopped, crashed, finished; paused gives the run back to the queue's hold;
   * queued gives it back to the queue (the worker is leaving, the last checkpoint is stored).
   */
  readonly status?: Extract<Status, 'queued' | 'running' | 'paused' | 'diverged' | 'stopped' | 'crashed' | 'finished'>;
  readonly reason?: string;
  readonly step?: number;
  readonly facts?: RunFacts;
  readonly log?: readonly LogLine[];
  /** Where a run was taken up again. */
  readonly seam?: { readonly step: number; readonly reason: string };
}
export interface ReportAnswer {
  readonly desired: Desired;
}
