/** @file `plateau diagnose spec.json`: trains a run and says what speaks for what; `--matrix` measures how often the diagnoses are right. */
import { writeFileSync } from 'node:fs';
import { conditions, injected, inShort } from '#core/diagnoses/injections.ts';
import { scores, type Examined } from '#core/diagnoses/confusion.ts';
import { diagnose, diagnosedMetrics, type Finding } from '#core/diagnoses/diagnose.ts';
import { diagnoses } from '#core/diagnoses/index.ts';
import { layersOf } from '#core/diagnoses/runFacts.ts';
import { parseSpec, SpecError, type Spec } from '#core/spec.ts';
import { readArguments, readJson, UsageError, wholeNumber } from './commandLine.ts';
import { trainClaim } from './trainClaim.ts';

const help = `plateau diagnose <spec.json | ->   trains the run in this terminal and says what speaks for what, and what to try
plateau diagnose --matrix          trains runs of known condition and counts what is found in them

  --json           findings, or the counts, as JSON on standard output
  --condition NAME of the matrix one row alone
  --seeds N        seeds of each spec of the matrix, 3 by default
  --record         writes the matrix down: core/diagnoses/confusion.json

  Exit: 0 nothing but notes, 1 a fault was found (with --matrix: one was missed, or found where there is none), 2 bad command or spec.
`;

const recordedAt = new URL('../core/diagnoses/confusion.json', import.meta.url);
const names = Object.keys(diagnoses);

/** Layers by name, then the sentence, then what to try. */
function card({ diagnosis, evidence, remedies }: Finding, spec: Spec): string {
  const layers = layersOf(spec);
  const where = evidence.layers.map((index) => layers[index]!.name);
  const shown = where.length > 6 ? `${where.slice(0, 3).join(', ')} … ${where.at(-1)} (${where.length} layers)` : where.join(', ');
  return [
    `${evidence.severity.padEnd(6)} ${diagnosis.card.title}: ${evidence.words}`,
    ...(shown ? [`       in ${shown}`] : []),
    ...remedies.map(({ words }) => `       try: ${words}`),
    `       ${diagnosis.card.source}`,
  ].join('\n');
}

/** Trains every spec of the conditions and says of each what was found. */
export async function examineAll(
  wanted: readonly { readonly condition: string; readonly spec: Spec }[],
  tell: (run: Examined) => void = () => {},
): Promise<Examined[]> {
  const all: Examined[] = [];
  for (const { condition, spec } of wanted) {
    const [result] = await trainClaim([spec], diagnosedMetrics);
    if (result!.status === 'crashed') throw new Error(`${condition}, ${inShort(spec)}, seed ${spec.seed} crashed: ${result!.reason}`);
    const found = diagnose(result!).map(({ diagnosis }) => diagnosis.card.name);
    const run = { condition, run: inShort(spec), seed: spec.seed, found: found.sort() };
    all.push(run);
    tell(run);
  }
  return all;
}

async function matrix(flags: { condition?: string | undefined; seeds: string; json: boolean; record: boolean }, out: Out, say: Out) {
  const seeds = wholeNumber('--seeds', flags.seeds, 1, 100);
  const chosen = conditions.filter(({ name }) => flags.condition === undefined || name === flags.condition);
  if (chosen.length === 0)
    throw new UsageError(`--condition must be one of ${conditions.map(({ name }) => name).join(', ')}, got ${flags.condition}`);
  if (flags.record && chosen.length < conditions.length) throw new UsageError('--record takes all conditions, not one');
  const wanted = chosen.flatMap((condition) =>
    injected(
      condition,
      Array.from({ length: seeds }, (_, i) => i + 1),
    ).map((spec) => ({ condition: condition.name, spec })),
  );
  let done = 0;
  const runs = await examineAll(wanted, ({ condition, run, seed, found }) =>
    say(`${++done} of ${wanted.length}  ${condition}: ${run}, seed ${seed}: ${found.join(', ') || 'nothing'}\n`),
  );
  const counted = scores(names, conditions, runs);
  if (flags.json) out(`${JSON.stringify({ scores: counted, runs })}\n`);
  else
    for (const { name, injected: of, found, absent, falseAlarms } of counted)
      out(`${name.padEnd(20)} found in ${found} of ${of} runs that have it, in ${falseAlarms} of ${absent} that do not\n`);
  if (flags.record) writeFileSync(recordedAt, `${JSON.stringify({ runs }, null, 1)}\n`);
  return counted.some(({ injected: of, found, falseAlarms }) => found < of || falseAlarms > 0) ? 1 : 0;
}

async function one(from: string, json: boolean, out: Out) {
  const spec = parseSpec(readJson(from, 'the spec'));
  const [result] = await trainClaim([spec], diagnosedMetrics);
  const findings = diagnose(result!);
  if (json) {
    const plain = findings.map(({ diagnosis, evidence, remedies }) => ({ name: diagnosis.card.name, ...evidence, remedies }));
    out(`${JSON.stringify({ status: result!.status, reason: result!.reason ?? null, findings: plain })}\n`);
  } else {
    out(`${result!.status}${result!.reason ? `: ${result!.reason}` : ''}\n`);
    out(findings.length === 0 ? 'none of the rules holds\n' : findings.map((finding) => `\n${card(finding, spec)}\n`).join(''));
  }
  return findings.some(({ evidence }) => evidence.severity === 'fault') ? 1 : 0;
}

type Out = (text: string) => void;

export async function diagnoseCommand(args: readonly string[], out: Out, say: Out): Promise<number> {
  const options = {
    matrix: { type: 'boolean', default: false },
    condition: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    const { values: flags, positionals } = readArguments('diagnose', { args: [...args], options, allowPositionals: true });
    if (flags.help) return (out(help), 0);
    if (flags.matrix) return await matrix(flags, out, say);
    if (positionals.length !== 1)
      throw new UsageError(`plateau diagnose takes one spec, got ${positionals.length}; plateau diagnose --help tells more`);
    return await one(positionals[0]!, flags.json, out);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof SpecError)) throw error;
    say(`${error.message}\n`);
    return 2;
  }
}

if (import.meta.main)
  process.exitCode = await diagnoseCommand(
    process.argv.slice(2),
    (text) => void process.stdout.write(text),
    (text) => void process.stderr.write(text),
  );
