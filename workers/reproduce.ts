/** @file `plateau reproduce [paper]`: measures the claims of papers, with a table of verdicts; exit 1 where one differs from the recorded one. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { verdictOf, type Budget, type Claim, type Finding, type Verdict } from '#core/papers/claim.ts';
import { papers } from '#core/papers/index.ts';

const help = `plateau reproduce [paper] [options]   measures the claims of papers; a table of verdicts

  --claim NAME     one claim alone
  --budget NAME    quick (default: all claims in minutes) or full (the papers' own sizes)
  --seed N         1 by default
  --json           the findings as JSON on standard output, the table on standard error
  --record         writes the verdicts down as the ones to compare with
  --list           papers and claims, nothing is measured

  Exit: 0 as recorded, 1 a verdict differs from the recorded one, 2 bad command.
`;
const recordFile = fileURLToPath(new URL('../core/papers/verdicts.json', import.meta.url));
type Recorded = Record<string, Record<string, Verdict>>;

export interface Reproduced {
  readonly paper: string;
  readonly claim: string;
  readonly title: string;
  readonly verdict: Verdict;
  readonly recorded: Verdict | null;
  readonly finding: Finding;
  readonly seconds: number;
}

class UsageError extends Error {}

function chosen(paper: string | undefined, only: string | undefined): { paper: string; claim: Claim }[] {
  const names = Object.keys(papers);
  if (paper !== undefined && !names.includes(paper)) throw new UsageError(`unknown paper: ${paper}; known: ${names.join(', ')}`);
  const all = Object.values(papers)
    .filter(({ card }) => paper === undefined || card.name === paper)
    .flatMap(({ card, claims }) => claims.map((claim) => ({ paper: card.name, claim })));
  const found = all.filter(({ claim }) => only === undefined || claim.name === only);
  if (found.length === 0) throw new UsageError(`unknown claim: ${only}; known: ${all.map(({ claim }) => claim.name).join(', ')}`);
  return found;
}

const number = (value: number): string =>
  Number.isFinite(value) ? Number(value.toPrecision(4)).toString() : value > 0 ? '∞' : String(value);
const range = ([low, high]: readonly [number, number]): string => `[${number(low)}, ${number(high)}]`;

/** The verdict, then every number it stands on. */
function lines({ paper, title, verdict, recorded, finding, seconds }: Reproduced): string {
  const changed = recorded !== null && recorded !== verdict ? `  (recorded: ${recorded})` : '';
  const head = `${verdict.padEnd(13)} ${title}${changed}\n              ${paper}, ${seconds.toFixed(1)} s`;
  const numbers = finding.estimates.map(
    ({ name, value, interval, predicted, window }) =>
      `              ${name}: ${number(value)} ${range(interval)}, predicted ${number(predicted)}, allowed ${range(window)}`,
  );
  return [head, ...numbers].join('\n');
}

/** Measures one claim, telling how far it is. */
function measure(paper: string, claim: Claim, budget: Budget, seed: number, recorded: Recorded, tell: (share: number) => void): Reproduced {
  const start = performance.now();
  const work = claim.measure(budget, seed);
  for (;;) {
    const { done, value } = work.next();
    if (!done) {
      tell(value);
      continue;
    }
    return {
      paper,
      claim: claim.name,
      title: claim.title,
      verdict: verdictOf(value),
      recorded: recorded[paper]?.[claim.name] ?? null,
      finding: value,
      seconds: (performance.now() - start) / 1000,
    };
  }
}

/** @returns the exit code */
export function reproduce(args: readonly string[], out: (text: string) => void, say: (text: string) => void): number {
  const options = {
    claim: { type: 'string' },
    budget: { type: 'string', default: 'quick' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) return (out(help), 0);
  if (values.budget !== 'quick' && values.budget !== 'full') throw new UsageError(`--budget must be quick or full, got ${values.budget}`);
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > 4_000_000)
    throw new UsageError(`--seed must be an integer from 0 to 4000000, got ${values.seed}`);
  if (positionals.length > 1) throw new UsageError(`one paper at most, got ${positionals.join(', ')}`);
  const wanted = chosen(positionals[0], values.claim);
  if (values.list) return (out(wanted.map(({ paper, claim }) => `${paper} ${claim.name}: ${claim.title}\n`).join('')), 0);
  const recorded = JSON.parse(readFileSync(recordFile, 'utf8')) as Recorded;
  const results = wanted.map(({ paper, claim }, i) => {
    const result = measure(paper, claim, values.budget as Budget, seed, recorded, (share) =>
      say(`\r${String(i + 1).padStart(3)}/${wanted.length} ${claim.name} ${Math.round(100 * share)}%   `),
    );
    say(`\r${' '.repeat(60)}\r`);
    (values.json ? say : out)(`${lines(result)}\n`);
    return result;
  });
  if (values.json)
    out(
      `${JSON.stringify(results, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}\n`,
    );
  if (values.record) {
    for (const { paper, claim, verdict } of results) recorded[paper] = { ...recorded[paper], [claim]: verdict };
    writeFileSync(recordFile, `${JSON.stringify(recorded, null, 2)}\n`);
    return 0;
  }
  const changed = results.filter((result) => result.recorded !== result.verdict);
  say(`${results.length - changed.length} of ${results.length} verdicts as recorded\n`);
  return changed.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  try {
    process.exitCode = reproduce(
      process.argv.slice(2),
      (text) => void process.stdout.write(text),
      (text) => void process.stderr.write(text),
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${help}`);
    process.exitCode = 2;
  }
