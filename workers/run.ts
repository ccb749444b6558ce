/** @file `plateau run spec.json`: trains one run in the terminal, without a server; everything it learns goes out as JSON lines. */
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { catalog } from '#core/catalog.ts';
import type { RunFacts } from '#core/protocol.ts';
import { hashSpec, parseSpec, SpecError, specJsonSchema, type Spec } from '#core/spec.ts';
import { readArguments, readJson, UsageError, wholeNumber, writeWhole } from './commandLine.ts';
import type { Outcome, Sink } from './train.ts';
import type { SpecTraining } from './trainSpec.ts';

const help = `plateau run <spec.json | ->   trains one run; JSON lines on standard output

  The spec is a JSON object; what it does not say takes its default ({} is a whole spec). - reads it from standard input.

  --steps N            instead of the spec's steps
  --seed N             instead of the spec's seed
  --runtime NAME       auto, onnx, tensorflow, reference
  --device NAME        auto, cpu, wasm, webgpu, cuda
  --precision NAME     float32, float64
  --threads N          threads of the runtime
  --every N            prints the rows of every step that is a multiple of N (evaluations and curvature: all)
  --out FILE           lines go to the file instead
  --quiet              the first and the last line only
  --checkpoint FILE    keeps the newest checkpoint there
  --resume FILE        goes on from a checkpoint of the same spec
  --schema             prints the JSON Schema of a spec

  Lines: {"type":"run",…} first, then facts, row (metric, step, values), progress, log, and {"type":"end",…} last.
  Where the runtime was left open, the time of each goes to standard error.
  Values that are not finite are the texts "NaN", "Infinity", "-Infinity".
  Exit: 0 finished, 1 crashed, 2 bad command or spec, 3 diverged, 130 stopped.`;

const exitCodes: Record<Outcome['status'], number> = { finished: 0, diverged: 3, stopped: 130, paused: 130 };
const progressMs = 1_000;

/** @param load what trains; the real one is imported only once the spec is known to be right, as it loads native libraries */
export async function runCommand(args: string[], load = async () => (await import('./trainSpec.ts')).trainSpec): Promise<number> {
  try {
    const { values: flags, positionals } = readFlags(args);
    if (flags.help) return (console.log(help), 0);
    if (flags.schema) return (console.log(JSON.stringify(specJsonSchema(), null, 2)), 0);
    const spec = readSpec(positionals, flags);
    const every = flags.every === undefined ? 1 : wholeNumber('--every', flags.every, 1);
    const resume = flags.resume === undefined ? null : { step: 0, bytes: new Uint8Array(readFileSync(flags.resume)) };
    const lines = openLines(flags.out, flags.quiet ?? false);
    try {
      return await runSpec(spec, await load(), { lines, every, resume, checkpoint: flags.checkpoint });
    } finally {
      lines.close();
    }
  } catch (error) {
    if (error instanceof SpecError)
      console.error(`the spec was refused:\n${error.issues.map(({ path, message }) => `  ${path || 'spec'}: ${message}`).join('\n')}`);
    else console.error(error instanceof UsageError ? error.message : `crashed: ${(error as Error).message}`);
    return error instanceof SpecError || error instanceof UsageError ? 2 : 1;
  }
}

interface Conduct {
  readonly lines: Lines;
  readonly every: number;
  readonly resume: SpecTraining['resume'];
  readonly checkpoint: string | undefined;
}

async function runSpec(
  spec: Spec,
  trainSpec: (run: SpecTraining) => Promise<Outcome>,
  { lines, every, resume, checkpoint }: Conduct,
): Promise<number> {
  let asked = false;
  const stop = () => {
    if (asked || lines.broken()) process.exit(130);
    asked = true;
    console.error('stopping; once more leaves at once');
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  lines.always({ type: 'run', hash: await hashSpec(spec), spec });
  const seen: Record<string, unknown> = {};
  let spokeAt = performance.now();
  const sink: Sink = {
    append(metric, step, row) {
      if (step % every === 0 || catalog.metric[metric]?.cost !== 'step')
        lines.write({ type: 'row', metric, step, values: Array.from(row) });
    },
    log: (level, text) => lines.write({ type: 'log', level, text }),
    facts({ stepsPerSecond, curvatureShare, finals, ...facts }) {
      Object.assign(seen, { stepsPerSecond, curvatureShare }, finals ? { finals } : {});
      if (Object.keys(facts).length > 0) lines.write({ type: 'facts', ...facts });
      if (facts.runtimeTable?.some(({ stepMs }) => stepMs !== null)) lines.say(tableText(facts.runtimeTable));
    },
    progress(step) {
      if (performance.now() - spokeAt < progressMs) return;
      spokeAt = performance.now();
      lines.write({ type: 'progress', step, steps: spec.steps, ...seen, finals: undefined });
    },
    checkpoint(_, bytes) {
      if (checkpoint === undefined) return;
      writeFileSync(`${checkpoint}.new`, bytes); // renamed when whole, so that a cut never leaves half a checkpoint
      renameSync(`${checkpoint}.new`, checkpoint);
    },
  };
  try {
    const outcome = await trainSpec({ spec, sink, control: { desired: () => (asked || lines.broken() ? 'stop' : 'run') }, resume });
    lines.always({ type: 'end', ...outcome, ...seen });
    return exitCodes[outcome.status];
  } catch (error) {
    lines.always({ type: 'end', status: 'crashed', reason: (error as Error).message });
    throw error;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** A line a runtime and device: its time, or why it cannot. */
function tableText(table: NonNullable<RunFacts['runtimeTable']>): string {
  return table
    .map(({ runtime, version, device, stepMs, reason }) => {
      const time = stepMs === null ? '' : `${stepMs.toFixed(3)} ms a step`;
      return `${`${runtime} ${version}`.padEnd(22)} ${device.padEnd(7)} ${[time, reason].filter(Boolean).join('; ')}`;
    })
    .join('\n');
}

interface Lines {
  write(line: object): void;
  /** Also when quiet. */
  always(line: object): void;
  /** To whoever sits there, on standard error. */
  say(text: string): void;
  /** The reader is gone (`| head`). */
  broken(): boolean;
  close(): void;
}

function openLines(file: string | undefined, quiet: boolean): Lines {
  const descriptor = file === undefined ? 1 : openSync(file, 'w');
  let broken = false;
  const put = (line: object) => {
    if (broken) return;
    const text = JSON.stringify(line, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
    broken = !writeWhole(descriptor, `${text}\n`);
  };
  return {
    write: (line) => void (quiet || put(line)),
    always: put,
    say: (text) => void (quiet || console.error(text)),
    broken: () => broken,
    close: () => void (file === undefined || closeSync(descriptor)),
  };
}

function readFlags(args: string[]) {
  const text = { type: 'string' } as const;
  const options = {
    ...{ steps: text, seed: text, runtime: text, device: text, precision: text, threads: text },
    ...{ every: text, out: text, checkpoint: text, resume: text },
    quiet: { type: 'boolean' },
    schema: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  return readArguments('run', { args, options, allowPositionals: true });
}

type Flags = ReturnType<typeof readFlags>['values'];

/** The spec of the file with the flags put over it; every fault is found by `parseSpec`. */
function readSpec(positionals: string[], flags: Flags): Spec {
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new UsageError(`plateau run takes one spec, got ${positionals.length}; plateau run --help tells more`);
  const spec = readJson(file, 'the spec');
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec)) return parseSpec(spec);
  const { runtime, ...rest } = spec as Record<string, unknown>;
  const given = (values: Record<string, unknown>) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const count = (name: 'steps' | 'seed' | 'threads') => (flags[name] === undefined ? undefined : wholeNumber(`--${name}`, flags[name], 0));
  const over = given({ name: flags.runtime, device: flags.device, precision: flags.precision, threads: count('threads') });
  const merged = typeof runtime === 'object' && runtime !== null ? { ...runtime, ...over } : Object.keys(over).length > 0 ? over : runtime;
  return parseSpec({ ...rest, ...given({ steps: count('steps'), seed: count('seed'), runtime: merged }) });
}

if (import.meta.main) process.exitCode = await runCommand(process.argv.slice(2));
