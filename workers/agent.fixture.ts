/** @file For the tests: a child process whose training is told by `spec.test`; it resumes by the step in its checkpoint. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serveRun, type Outcome } from './agentRun.ts';

/** What the fixture trains: a loss of `step` at every step. */
export interface FixtureSpec {
  readonly steps: number;
  readonly checkpointEvery: number;
  /** Dies by SIGKILL before this step, once: not when it was resumed. */
  readonly killAt?: number;
  readonly throwAt?: number;
  readonly exitAt?: number;
  /** Goes on past `steps` until somebody wants something else. */
  readonly endless?: boolean;
  /** A millisecond for each step. */
  readonly slow?: boolean;
  /** Never comes back from its first call. */
  readonly hang?: boolean;
}

serveRun(async ({ spec, sink, control, resume }): Promise<Outcome> => {
  const { steps, checkpointEvery, killAt, throwAt, exitAt, endless, slow, hang } = spec as unknown as FixtureSpec;
  if (hang) await new Promise(() => {});
  const first = resume ? Number(Buffer.from(resume.bytes).toString()) : 0;
  for (let step = first; step < steps || endless; step++) {
    if (step % checkpointEvery === 0) sink.checkpoint(step, Buffer.from(String(step)));
    if (!resume && step === killAt) process.kill(process.pid, 'SIGKILL');
    if (step === throwAt) throw new RangeError('learningRate must be finite, got NaN');
    if (step === exitAt) {
      console.error('native library: illegal instruction');
      process.exit(3);
    }
    sink.append('loss', step, [step]);
    sink.progress(step);
    await sleep(endless || slow ? 1 : 0);
    const desired = control.desired();
    if (desired === 'run') continue;
    sink.checkpoint(step + 1, Buffer.from(String(step + 1)));
    return { status: desired === 'pause' ? 'paused' : 'stopped', reason: `wanted: ${desired}`, step: step + 1 };
  }
  return { status: 'finished', reason: 'all steps done', step: steps };
});
