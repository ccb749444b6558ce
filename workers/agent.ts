/**
 * @file The agent: claims runs, trains each in a child process, carries what the child spools to the server, says that it is alive.
 *
 * It dials out and never gives up: while the server is away the child trains on into the spool. A child that dies is reported with its
 * last words; the agent itself may die too: the next one finds the spools and delivers what is left.
 */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { heartbeatMs, protocolVersion, type RegisterRequest } from '#core/protocol.ts';
import { trainChild, type TrainChild } from './agentProcess.ts';
import type { ClaimedRun } from './agentMessages.ts';
import { claimFolder, leftovers, releaseFolder } from './agentSpools.ts';
import { deliver, type Delivery } from './deliver.ts';
import { backoff, failureOf, mostWaitMs, type Claim, type Failure, type Link } from './link.ts';

export interface AgentOptions {
  readonly link: Link;
  /** Folder of the spools, one below it per run and attempt. */
  readonly spool: string;
  readonly name: string;
  readonly runtimes: RegisterRequest['runtimes'];
  /** Entry of the child process. */
  readonly childPath?: string;
  readonly say?: (text: string) => void;
  readonly onReady?: () => void;
  readonly waitMs?: number;
  readonly heartbeatEveryMs?: number;
  readonly firstRetryMs?: number;
}

export interface Agent {
  /** Pauses the run at the next call boundary, gives it back with its checkpoint and ends; at most about nine seconds. */
  stop(): Promise<void>;
  /** Takes no new run; ends when the present one has ended and is delivered. */
  retire(): void;
  /** @throws where the server refuses the first registration: nothing was begun */
  readonly done: Promise<void>;
}

const claimWaitMs = 20_000;
/** From the order to stop: the child has this long to reach a call boundary, then the spool this long to drain. */
const pauseMs = 6_000;
const drainMs = 2_500;

export function startAgent(options: AgentOptions): Agent {
  const { link, spool, name, say = () => {}, waitMs = claimWaitMs } = options;
  const retryOptions = { firstMs: options.firstRetryMs ?? 100 };
  const retry = backoff(retryOptions);
  const leaving = new AbortController(); // the present run is given back
  const retired = new AbortController(); // no new run
  const gone = new AbortController(); // no more network
  let worker = '';
  let current: { run: ClaimedRun; child: TrainChild; delivery: Delivery; fence: () => void } | null = null;

  /**
   * Tries for ever, and says when it begins to and when it is over; null only when the agent is leaving.
   * Hopeless failures are thrown at once. What is sent is told whether it is sent again.
   */
  const insist = async <Answer>(
    what: string,
    send: (again: boolean) => Promise<Answer>,
    { over = leaving.signal, hopeless = ['fenced', 'unknown', 'refused'] as readonly Failure[], advice = '' } = {},
  ): Promise<Answer | null> => {
    let again = false;
    const heard = (): void => {
      retry.reset();
      if (again) say(`${what}: the server answers`);
    };
    while (!over.aborted) {
      try {
        const answer = await send(again);
        heard();
        return answer;
      } catch (error) {
        if (hopeless.includes(failureOf(error))) throw (heard(), error);
        if (!again && !over.aborted)
          say(`${what}: ${(error as Error).message}; ${advice}trying again, at least every ${mostWaitMs / 1000} s`);
        again = true;
        await retry.wait(over);
      }
    }
    return null;
  };
  /** An address or a token that never was right will not become it; one that was may be so again. */
  const register = async (): Promise<void> => {
    const request = { protocol: protocolVersion, name, host: hostname(), pid: process.pid, runtimes: options.runtimes };
    const answer = await insist(
      'register',
      () => link.register(request),
      worker
        ? { hopeless: ['refused'] }
        : { hopeless: ['refused', 'unknown', 'unauthorized'], advice: 'check the address and that the server runs; ' },
    );
    if (answer) worker = answer.worker;
  };
  const beat = async (): Promise<void> => {
    if (!worker) return;
    // a run whose last word is out belongs to nobody: to beat for it would be answered as if another had it
    const { run, child, delivery } = current && !current.delivery.ending() ? current : {};
    try {
      const { desired } = await link.heartbeat({ worker, run: run?.id ?? null, attempt: run?.attempt ?? null });
      if (child && child === current?.child) child.desire(desired);
    } catch (error) {
      if (failureOf(error) === 'fenced' && child && child === current?.child && !delivery!.ending()) current.fence();
      // away: the next beat tries again; unknown: the next claim registers again
    }
  };
  const carry = (folder: string, claim: Claim, signal: AbortSignal): Delivery =>
    deliver({
      folder,
      claim,
      link,
      signal,
      say: (text) => say(`run ${claim.run}: ${text}`),
      onDesired: (desired) => current?.run.id === claim.run && current.child.desire(desired),
      retry: backoff(retryOptions),
    });

  const work = async (run: ClaimedRun): Promise<void> => {
    const claim = { worker, run: run.id, attempt: run.attempt };
    const folder = join(spool, `${run.id}.${run.attempt}`);
    try {
      claimFolder(folder, claim);
      const checkpoint = run.checkpointStep === null ? null : await insist('checkpoint', () => link.getCheckpoint(claim, leaving.signal));
      if (leaving.signal.aborted) return void (await link.report({ ...claim, status: 'queued', reason: 'the worker was stopped' }));
      const fenced = new AbortController();
      const delivery = carry(folder, claim, AbortSignal.any([gone.signal, fenced.signal]));
      const child = trainChild({
        run,
        folder,
        checkpoint,
        ...(options.childPath ? { path: options.childPath } : {}),
        ring: () => delivery.ring(),
        log: (line) => void link.report({ ...claim, log: [line] }).catch(() => {}),
      });
      const fence = (): void => {
        fenced.abort();
        child.kill('the run was given to another worker');
      };
      current = { run, child, delivery, fence };
      if (leaving.signal.aborted) child.leave();
      void delivery.done.then((end) => end === 'fenced' && fence());
      delivery.end(await child.ended);
      const end = await delivery.done;
      if (end === 'drained' || fenced.signal.aborted) releaseFolder(folder);
      if (fenced.signal.aborted) say(`run ${run.id}: attempt ${run.attempt} is not ours any more`);
    } catch (error) {
      const reason = `the worker could not take up the run: ${(error as Error).message}`;
      say(`run ${run.id}: ${reason}`);
      if (failureOf(error) !== 'fenced') await insist('report', () => link.report({ ...claim, status: 'crashed', reason })).catch(() => {});
      releaseFolder(folder);
    } finally {
      current = null;
    }
  };
  /** Spools of agents that died: delivered under their old claim, then given back to the queue. */
  const deliverLeftovers = async (): Promise<void> => {
    for (const { folder, claim } of leftovers(spool)) {
      if (leaving.signal.aborted) return;
      const delivery = carry(folder, claim, gone.signal);
      delivery.end();
      if ((await delivery.done) === 'aborted') return;
      const ended = delivery.status() !== undefined && delivery.status() !== 'running';
      if (!ended) await link.report({ ...claim, status: 'queued', reason: 'its worker was killed' }).catch(() => {}); // fenced: another has it
      releaseFolder(folder);
    }
  };

  const loop = async (): Promise<void> => {
    mkdirSync(spool, { recursive: true });
    await register();
    if (!leaving.signal.aborted) options.onReady?.();
    await deliverLeftovers();
    const over = AbortSignal.any([leaving.signal, retired.signal]);
    while (!over.aborted) {
      try {
        const answer = await insist('claim', (again) => link.claim({ worker, waitMs: again ? 0 : waitMs }, over), { over });
        if (answer?.run) await work(answer.run);
      } catch (error) {
        if (failureOf(error) === 'unknown') await register();
        else {
          say(`claim: ${(error as Error).message}`);
          await retry.wait(leaving.signal);
        }
      }
    }
  };

  const heart = setInterval(() => void beat(), options.heartbeatEveryMs ?? heartbeatMs);
  const done = loop().finally(() => {
    clearInterval(heart);
    gone.abort();
  });
  return {
    done,
    retire: () => retired.abort(),
    async stop() {
      leaving.abort();
      if (current) {
        const { child } = current;
        child.leave();
        const timer = setTimeout(() => child.kill('the worker was stopped before the run reached a call boundary'), pauseMs);
        await child.ended;
        clearTimeout(timer);
      }
      const timer = setTimeout(() => gone.abort(), drainMs);
      await done;
      clearTimeout(timer);
    },
  };
}
