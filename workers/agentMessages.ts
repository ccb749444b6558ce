/** @file What the agent and the child process that trains say to each other over the process channel. */
import type { ClaimAnswer, Desired, LogLine } from '#core/protocol.ts';
import type { Frame } from './spool.ts';

export type ClaimedRun = NonNullable<ClaimAnswer['run']>;

export type ToChild =
  | { readonly type: 'start'; readonly run: ClaimedRun; readonly folder: string; readonly checkpoint: Uint8Array | null }
  /** `leaving`: the worker itself is being stopped; a pause then gives the run back to the queue instead of holding it. */
  | { readonly type: 'desired'; readonly desired: Desired; readonly leaving: boolean };

export type ToAgent =
  /** The child's event loop turns. */
  | { readonly type: 'tick' }
  /** Something new is in the spool. */
  | { readonly type: 'ring' }
  /** A line that the spool could not take. */
  | { readonly type: 'log'; readonly line: LogLine }
  /** The end; `left` are frames that the spool could not take. */
  | { readonly type: 'done'; readonly left: readonly Frame[] };
