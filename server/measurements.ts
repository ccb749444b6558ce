/**
 * @file Measurements of claims. A claim that draws its numbers is measured by a process of its own, one at a time: the machine is there for
 * the runs. One that trains is an experiment like any other, and is judged again whenever one of its runs has ended.
 */
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { asc, eq } from 'drizzle-orm';
import { isTrained, judgedSoFar, verdictOf, type Budget, type TrainedClaim, type Verdict } from '#core/papers/claim.ts';
import { findingFromJson, findingToJson } from '#core/papers/findingJson.ts';
import type { RunResult } from '#core/results.ts';
import { runs } from '#drizzle/schema.ts';
import { askChild } from './askChild.ts';
import { refuse } from './refusal.ts';
import type { Services } from './services.ts';
import { createExperiment } from './store/experiments.ts';
import { adoptFindings, changeFinding, createFinding, readFinding, readMeasuring } from './store/findings.ts';
import type { FindingRow } from './store/findings.ts';
import { readResult } from './store/results.ts';
import { askOf } from './store/runs.ts';
import { ended } from './store/transitions.ts';

export interface Measurements {
  begin(wish: { paper: string; claim: string; budget: Budget; seed: number; authorId: string | null }): Promise<FindingRow>;
  /** Null where there is none. */
  stop(id: string): Promise<FindingRow | null>;
  close(): Promise<void>;
}

const beatMs = 5_000;
const silentMs = 20_000;
/** Claims that wait for the one process; the button can be pressed often. */
const waitingMost = 100;
const entry = fileURLToPath(new URL('../workers/measureChild.ts', import.meta.url));

/** What of its runs a measurement follows: their specs, which may be long, are read once each. */
const progress = { id: runs.id, status: runs.status, reason: runs.reason, step: runs.step, steps: runs.steps, endedAt: runs.endedAt };

/** As workers/measureChild.ts says it. */
type Said = { share: number; finding?: unknown } | { done: true; finding: unknown } | { error: string };

export function createMeasurements(services: Omit<Services, 'measurements'>): Measurements {
  const { client, subject, log } = services;
  const closing = new AbortController();
  /** What this server is measuring, with what stops it. */
  const held = new Map<string, AbortController>();
  let line: Promise<unknown> = Promise.resolve();

  function hold(row: FindingRow): void {
    if (held.has(row.id)) return;
    const stop = new AbortController();
    held.set(row.id, stop);
    const signal = AbortSignal.any([stop.signal, closing.signal]);
    const beat = setInterval(() => {
      changeFinding(client, row.id, {}).then(
        (mine) => mine || stop.abort(),
        () => {}, // the database is away: the next beat tells
      );
    }, beatMs);
    const work = row.trained ? follow(row, signal) : (line = line.then(() => draw(row, signal)));
    void work
      .catch((error: Error) => !closing.signal.aborted && changeFinding(client, row.id, { state: 'failed', reason: error.message }))
      .catch((error: Error) => log(`claim ${row.paper} ${row.claim}: ${error.message}`))
      .finally(() => {
        clearInterval(beat);
        held.delete(row.id);
      });
  }

  async function draw(row: FindingRow, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { paper, claim, budget, seed } = row;
    let last: Exclude<Said, { share: number }> | null = null;
    const end = await askChild(entry, { paper, claim, budget, seed }, signal, (word) => {
      const said = word as Said;
      if ('share' in said)
        changeFinding(client, row.id, said).catch(() => {}); // the next one says more
      else last = said;
    });
    if (signal.aborted) return; // stopped, or we are closing and another server goes on
    const said = (last as typeof last) ?? { error: `the process that measured ${end}` };
    if ('error' in said) throw new Error(said.error);
    const { finding } = said;
    await changeFinding(client, row.id, { share: 1, finding, state: 'measured', verdict: verdictOf(findingFromJson(finding)) });
  }

  async function follow(row: FindingRow, signal: AbortSignal): Promise<void> {
    const claim = subject.claim(row.paper, row.claim) as TrainedClaim | null;
    if (!claim) throw new Error(`this version does not know the claim ${row.claim} of ${row.paper}`);
    const watch = services.bus.watch(`experiment:${row.experimentId}`);
    /** Results of runs that have ended, by run; an ended run that is resumed is read again. */
    const known = new Map<string, { endedAt: number; result: RunResult }>();
    let verdict: Verdict = 'inconclusive'; // of the newest finding
    try {
      while (!signal.aborted) {
        const all = row.experimentId
          ? await client.db.select(progress).from(runs).where(eq(runs.experimentId, row.experimentId)).orderBy(asc(runs.position))
          : [];
        if (all.length === 0) throw new Error('its experiment was deleted');
        let news = false;
        for (const run of all) {
          if (!ended.includes(run.status)) known.delete(run.id);
          else if (known.get(run.id)?.endedAt !== run.endedAt?.getTime()) {
            known.set(run.id, { endedAt: run.endedAt!.getTime(), result: await readResult(client, run, claim.metrics) });
            news = true;
          }
        }
        const share = all.reduce((sum, run) => sum + (ended.includes(run.status) ? 1 : Math.min(1, run.step / run.steps)), 0) / all.length;
        const results = all.flatMap(({ id }) => known.get(id)?.result ?? []);
        const finding = news ? judgedSoFar(claim, results, all.length, row.seed) : null;
        if (finding) verdict = verdictOf(finding);
        const bad = (['crashed', 'stopped'] as const).find((status) => all.some((run) => run.status === status));
        const end =
          known.size < all.length
            ? {}
            : bad === 'crashed'
              ? {
                  state: 'failed' as const,
                  reason: `a run crashed: ${all.find(({ status }) => status === 'crashed')!.reason ?? 'no reason given'}`,
                }
              : bad
                ? { state: 'stopped' as const, reason: 'a run was stopped' }
                : { state: 'measured' as const, verdict };
        const mine = await changeFinding(client, row.id, { share, ...(finding ? { finding: findingToJson(finding) } : {}), ...end });
        if (!mine || 'state' in end) return;
        await watch.next({ signal, timeoutMs: beatMs });
      }
    } finally {
      watch.close();
    }
  }

  const adopt = () =>
    adoptFindings(client, silentMs).then(
      (rows) => rows.forEach(hold),
      (error: Error) => log(`claims: ${error.message}`),
    );
  const sweeper = setInterval(() => void adopt(), silentMs / 2);
  sweeper.unref();
  void adopt();

  return {
    async begin({ authorId, ...wish }) {
      const claim =
        subject.claim(wish.paper, wish.claim) ??
        refuse(`no such claim: ${JSON.stringify(wish.paper)} ${JSON.stringify(wish.claim)}`, 'NOT_FOUND');
      if (!Number.isInteger(wish.seed) || wish.seed < 0 || wish.seed > 4_000_000)
        refuse(`seed: must be an integer from 0 to 4000000, got ${wish.seed}`);
      const going = await readMeasuring(client, wish);
      if (going) return going; // the same words and numbers: the same measurement
      if (held.size >= waitingMost) refuse(`${held.size} claims are being measured already; try again when some are done`, 'BUSY');
      const trained = isTrained(claim);
      const experiment = trained
        ? await createExperiment(services, {
            title: `${claim.title} (${wish.budget})`,
            question: claim.statement,
            specs: claim.specs(wish.budget, wish.seed),
            authorId,
          })
        : null;
      const by = `Node ${process.versions.node.split('.')[0]}, ${os.arch()}`;
      const row = await createFinding(client, { ...wish, trained, by, experimentId: experiment?.id ?? null, authorId });
      hold(row);
      return row;
    },
    async stop(id) {
      const row = await readFinding(client, id);
      if (!row) return null;
      if (row.state !== 'measuring') return row;
      await changeFinding(client, id, { state: 'stopped', reason: 'stopped by hand' });
      held.get(id)?.abort();
      if (row.experimentId) await askOf(services, { experimentId: row.experimentId }, 'stop');
      return readFinding(client, id);
    },
    async close() {
      clearInterval(sweeper);
      closing.abort();
      await line.catch(() => {});
    },
  };
}
