/**
 * @file Every way a run's status may change. Pure; store/runs.ts is the only caller that writes.
 *
 *     queued ──claim──▸ running ◂──heard──▸ stalled (silent)        a worker holds the run
 *       ▴                  │ report: paused, diverged, stopped, crashed, finished
 *       └── requeue, resume┘                                        nobody does
 */
import type { Desired, Status } from '#core/protocol.ts';

export type Happening =
  /** A worker takes it, is silent, is heard again. */
  | 'claim'
  | 'silent'
  | 'heard'
  /** The attempt is lost (crash or lease): again, or given up. */
  | 'requeue'
  | 'giveUp'
  /** The worker is shut down in good order, its checkpoint stored. */
  | 'release'
  /** The worker says how it ended. */
  | 'paused'
  | 'diverged'
  | 'stopped'
  | 'finished'
  /** What people ask. */
  | 'pause'
  | 'resume'
  | 'stop';

const table: Readonly<Record<Status, Partial<Record<Happening, Status>>>> = {
  queued: { claim: 'running', pause: 'paused', stop: 'stopped', resume: 'queued' },
  running: {
    silent: 'stalled',
    heard: 'running',
    requeue: 'queued',
    giveUp: 'crashed',
    release: 'queued',
    paused: 'paused',
    diverged: 'diverged',
    stopped: 'stopped',
    finished: 'finished',
    // The worker is told, and reports when it has obeyed.
    pause: 'running',
    stop: 'running',
    resume: 'running',
  },
  stalled: {
    silent: 'stalled',
    heard: 'running',
    requeue: 'queued',
    giveUp: 'crashed',
    release: 'queued',
    paused: 'paused',
    diverged: 'diverged',
    stopped: 'stopped',
    finished: 'finished',
    // Nobody answers, so it happens at once; the worker is fenced off if it comes back.
    pause: 'paused',
    stop: 'stopped',
    resume: 'stalled',
  },
  paused: { resume: 'queued', stop: 'stopped', pause: 'paused' },
  stopped: { resume: 'queued', stop: 'stopped' },
  crashed: { resume: 'queued' },
  diverged: {},
  finished: {},
};

/** The status after it, or null where it cannot happen. */
export const after = (status: Status, happening: Happening): Status | null => table[status][happening] ?? null;

/** A worker holds the run: appends, heartbeats and reports of its attempt are taken. */
export const held: readonly Status[] = ['running', 'stalled'];
export const ended: readonly Status[] = ['diverged', 'stopped', 'crashed', 'finished'];

export const happeningOf: Readonly<Record<Desired, Happening>> = { run: 'resume', pause: 'pause', stop: 'stop' };

/** Failed attempts after which a run is given up. */
export const maxFailures = 3;
