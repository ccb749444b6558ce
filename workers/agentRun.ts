/** @file The child's side of a run: gives the training a sink and a control, turns its end or its error into the last report. */
import type { Desired, ReportRequest } from '#core/protocol.ts';
import type { Spec } from '#core/spec.ts';
import type { ToAgent, ToChild } from './agentMessages.ts';
import { openRecorder, type Recorder } from './recorder.ts';

export interface RunContext {
  readonly spec: Spec;
  readonly sink: Pick<Recorder, 'append' | 'log' | 'facts' | 'progress' | 'checkpoint'>;
  readonly control: { desired(): Desired };
  readonly resume: { readonly step: number; readonly bytes: Uint8Array } | null;
}
export interface Outcome {
  readonly status: Extract<NonNullable<ReportRequest['status']>, 'paused' | 'diverged' | 'stopped' | 'finished'>;
  readonly reason: string;
  readonly step: number;
}

const tickMs = 1_000;
const flushMs = 100;

/** Waits for the agent's `start`, runs, reports, ends the process. */
export function serveRun(train: (context: RunContext) => Promise<Outcome>): void {
  const send = (message: ToAgent, sent?: () => void): void => {
    if (process.connected) process.send!(message, undefined, undefined, () => sent?.());
  };
  // Ctrl-C reaches the whole group of processes; the agent decides when a run ends
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  let desired: Desired = 'run';
  let leaving = false;
  process.on('message', (message: ToChild) => {
    if (message.type === 'desired') ({ desired, leaving } = message);
    else void run(message);
  });
  setInterval(() => send({ type: 'tick' }), tickMs).unref();

  const run = async ({ run: claimed, folder, checkpoint }: Extract<ToChild, { type: 'start' }>): Promise<void> => {
    const { attempt, nextSeq, checkpointStep } = claimed;
    const recorder = openRecorder({
      folder,
      attempt,
      nextSeq,
      ring: () => send({ type: 'ring' }),
      tell: (line) => send({ type: 'log', line }),
    });
    process.on('disconnect', () => {
      recorder.close(); // the agent is gone: what is recorded waits in the spool for the next one
      process.exit(1);
    });
    const resume = checkpoint && checkpointStep !== null ? { step: checkpointStep, bytes: checkpoint } : null;
    recorder.report({ status: 'running' });
    // the server has drawn the seam at its checkpoint already; only a checkpoint that is gone moves it
    if (checkpointStep !== null && !resume) recorder.report({ seam: { step: 0, reason: 'the checkpoint is gone: from the start' } });
    recorder.flush();
    setInterval(() => recorder.flush(), flushMs).unref();
    try {
      const outcome = await train({ spec: claimed.spec, sink: recorder, control: { desired: () => desired }, resume });
      const { step } = outcome;
      if (outcome.status === 'paused' && leaving) recorder.report({ status: 'queued', step, reason: 'the worker was stopped' });
      else recorder.report({ status: outcome.status, step, reason: outcome.reason });
    } catch (error) {
      const { message, stack } = error as Error;
      recorder.log('error', stack ?? String(error));
      recorder.report({ status: 'crashed', reason: message ?? String(error) });
    }
    send({ type: 'done', left: recorder.close() }, () => process.exit(0));
  };
}
