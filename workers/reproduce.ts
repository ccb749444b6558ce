/** @file `plateau reproduce [paper]`: measures the claims of papers, with a table of verdicts; exit 1 where one differs from the recorded one. */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { budgets, verdictOf, type Budget, type Claim, type Finding, type Verdict } from '#core/papers/claim.ts';
import { findingFromJson, findingToJson, type Recorded } from '#core/papers/findingJson.ts';
import { papers } from '#core/papers/index.ts';
import type { Paper } from '#core/define.ts';
import { readArguments, serverAddress, UsageError, wholeNumber } from './commandLine.ts';
import type { Measurement, Said } from './measureChild.ts';
import { remote } from './measureRemote.ts';

const help = `plateau reproduce [paper] [options]   measures the claims of papers; a table of verdicts

  --claim NAME     one claim alone
  --budget NAME    tiny (seconds), quick (default: all claims in minutes) or full (the papers' own sizes)
  --seed N         1 by default
  --jobs N         claims measured side by side; as many as there are cores by default
  --server URL     measured there: claims that train become experiments to open, annotate and export
  --json           the findings as JSON on standard output, the table on standard error
  --record         writes the findings down as the ones to compare with
  --list           papers and claims, nothing is measured

  Exit: 0 as recorded, 1 a verdict differs from the recorded one or a claim could not be measured, 2 bad command.
`;

export interface Reproduced {
  readonly paper: string;
  readonly claim: string;
  readonly title: string;
  /** Null where it could not be measured. */
  readonly verdict: Verdict | null;
  readonly recorded: Verdict | null;
  readonly finding: Finding | null;
  readonly error?: string;
  readonly seconds: number;
}
/** Measures a claim somewhere, telling how far it is. */
type Measure = (measurement: Measurement, tell: (share: number) => void) => Promise<Finding>;

function chosen(name: string | undefined, only: string | undefined): { paper: Paper; claim: Claim }[] {
  const all: readonly Paper[] = Object.values(papers);
  if (name !== undefined && !all.some(({ card }) => card.name === name))
    throw new UsageError(`unknown paper: ${name}; known: ${all.map(({ card }) => card.name).join(', ')}`);
  const claims = all
    .filter(({ card }) => name === undefined || card.name === name)
    .flatMap((paper) => paper.claims.map((claim) => ({ paper, claim })));
  const found = claims.filter(({ claim }) => only === undefined || claim.name === only);
  if (found.length === 0) throw new UsageError(`unknown claim: ${only}; known: ${claims.map(({ claim }) => claim.name).join(', ')}`);
  return found;
}

const number = (value: number): string =>
  Number.isFinite(value) ? Number(value.toPrecision(4)).toString() : value > 0 ? '∞' : value < 0 ? '-∞' : 'unknown';
const range = ([low, high]: readonly [number, number]): string => `[${number(low)}, ${number(high)}]`;

/** The verdict, then every number it stands on. */
function lines({ paper, title, verdict, recorded, finding, error, seconds }: Reproduced): string {
  const changed = verdict !== null && recorded !== null && recorded !== verdict ? `  (recorded: ${recorded})` : '';
  const head = `${(verdict ?? 'not measured').padEnd(13)} ${title}${changed}\n              ${paper}, ${seconds.toFixed(1)} s`;
  const numbers = (finding?.estimates ?? []).map(
    ({ name, value, interval, predicted, window }) =>
      `              ${name}: ${number(value)} ${range(interval)}, predicted ${number(predicted)}, allowed ${range(window)}`,
  );
  return [head, ...(error === undefined ? [] : [`              ${error}`]), ...numbers].join('\n');
}

/** In a process of its own: a claim keeps one core busy, and takes nothing with it when it fails. */
const inChild: Measure = (measurement, tell) =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./measureChild.ts', import.meta.url)), { serialization: 'advanced' });
    let answered = false;
    child.on('message', (message) => {
      const said = message as Said;
      answered ||= !('share' in said);
      if ('share' in said) tell(said.share);
      else if ('error' in said) reject(new Error(said.error));
      else resolve(findingFromJson(said.finding));
    });
    child.on('error', reject);
    child.on('close', (code, signal) => answered || reject(new Error(`the process that measured ended with ${signal ?? `code ${code}`}`)));
    child.send(measurement);
  });

const duration = (seconds: number): string => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);

/** A bar over all claims, each weighed by the time it took when it was recorded. */
function progressBar(wanted: readonly { paper: Paper; claim: Claim }[], say: (text: string) => void) {
  const weights = wanted.map(({ paper, claim }) => Math.max(0.1, paper.recorded[claim.name]?.seconds ?? 5));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = weights.map(() => 0);
  const start = performance.now();
  let spokeAt = -Infinity;
  return {
    tell(index: number, share: number) {
      shares[index] = share;
      if (performance.now() - spokeAt < 250) return;
      spokeAt = performance.now();
      const done = shares.reduce((sum, of, i) => sum + of * weights[i]!, 0) / total;
      const left = done > 0.01 ? `, ${duration(((spokeAt - start) / 1000) * (1 / done - 1))} left` : '';
      const filled = Math.round(24 * done);
      say(`\r${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${String(Math.round(100 * done)).padStart(3)}%${left}        `);
    },
    clear: () => say(`\r${' '.repeat(60)}\r`),
  };
}

interface Wish {
  readonly paper: Paper;
  readonly claim: Claim;
  readonly measurement: Measurement;
}

async function measureAll(
  wishes: readonly Wish[],
  jobs: number,
  measure: Measure,
  bar: ReturnType<typeof progressBar>,
  print: (result: Reproduced) => void,
): Promise<Reproduced[]> {
  const results: Reproduced[] = [];
  let next = 0;
  const work = async () => {
    for (let i = next++; i < wishes.length; i = next++) {
      const { paper, claim, measurement } = wishes[i]!;
      const start = performance.now();
      const end = await measure(measurement, (share) => bar.tell(i, share)).then(
        (finding) => ({ finding, verdict: verdictOf(finding) }),
        (error: Error) => ({ finding: null, verdict: null, error: error.message }),
      );
      bar.tell(i, 1);
      const known = { paper: paper.card.name, claim: claim.name, title: claim.title };
      const recorded = paper.recorded[claim.name]?.verdict ?? null;
      results[i] = { ...known, ...end, recorded, seconds: (performance.now() - start) / 1000 };
      bar.clear();
      print(results[i]!);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

function record(results: readonly Reproduced[], budget: Budget, seed: number): void {
  for (const name of new Set(results.map(({ paper }) => paper))) {
    const file = fileURLToPath(new URL(`../core/papers/recorded/${name}.json`, import.meta.url));
    const all = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Recorded>;
    const by = `Node ${process.versions.node.split('.')[0]}, ${os.arch()}, ${new Date().toISOString().slice(0, 10)}`;
    for (const { paper, claim, verdict, finding, seconds } of results)
      if (paper === name && verdict !== null && finding !== null)
        all[claim] = { verdict, budget, seed, seconds: Number(seconds.toPrecision(2)), by, finding: findingToJson(finding, 5) };
    const kept = Object.values(papers)
      .find(({ card }) => card.name === name)!
      .claims.flatMap(({ name: claim }) => (all[claim] ? [[claim, all[claim]] as const] : []));
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(kept), null, 1)}\n`);
  }
}

/** @returns the exit code */
export async function reproduce(
  args: readonly string[],
  out: (text: string) => void,
  say: (text: string) => void,
  given?: Measure,
): Promise<number> {
  const options = {
    claim: { type: 'string' },
    budget: { type: 'string', default: 'quick' },
    seed: { type: 'string', default: '1' },
    server: { type: 'string' },
    jobs: { type: 'string', default: String(os.availableParallelism()) },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { values, positionals } = readArguments('reproduce', { args: [...args], options, allowPositionals: true });
  if (values.help) return (out(help), 0);
  const budget = budgets.find((name) => name === values.budget);
  if (!budget) throw new UsageError(`--budget must be ${budgets.join(', ')}, got ${values.budget}`);
  const measure = given ?? (values.server === undefined ? inChild : remote(serverAddress(values.server)));
  const [seed, jobs] = [wholeNumber('--seed', values.seed, 0, 4_000_000), wholeNumber('--jobs', values.jobs, 1, 256)];
  if (positionals.length > 1) throw new UsageError(`one paper at most, got ${positionals.join(', ')}`);
  const wanted = chosen(positionals[0], values.claim);
  const wide = process.stderr.isTTY === true; // a bar in a log file is noise
  if (values.list) return (out(wanted.map(({ paper, claim }) => `${paper.card.name} ${claim.name}: ${claim.title}\n`).join('')), 0);
  const wishes = wanted.map(({ paper, claim }) => ({
    paper,
    claim,
    measurement: { paper: paper.card.name, claim: claim.name, budget, seed },
  }));
  const results = await measureAll(wishes, jobs, measure, progressBar(wanted, wide ? say : () => {}), (result) =>
    (values.json ? say : out)(`${lines(result)}\n`),
  );
  if (values.json)
    out(`${JSON.stringify(results.map(({ finding, ...rest }) => ({ ...rest, finding: finding && findingToJson(finding) })))}\n`);
  const failed = results.filter(({ verdict }) => verdict === null).length;
  if (values.record) return (record(results, budget, seed), failed > 0 ? 1 : 0);
  const same = results.filter(({ verdict, recorded }) => verdict !== null && recorded === verdict).length;
  say(`${same} of ${results.length} verdicts as recorded\n`);
  return same < results.length ? 1 : 0;
}

if (import.meta.main)
  try {
    process.exitCode = await reproduce(
      process.argv.slice(2),
      (text) => void process.stdout.write(text),
      (text) => void process.stderr.write(text),
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`plateau reproduce: ${error.message}\n`);
    process.exitCode = 2;
  }
