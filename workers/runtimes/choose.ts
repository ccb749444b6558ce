/** @file Chooses where a run trains: times its own program on every runtime and device that loads, and takes the fastest. */
import type { Handle, Runtime } from '#core/graph/program.ts';
import type { RunFacts } from '#core/protocol.ts';
import type { Spec } from '#core/spec.ts';
import { probeRuntimes, type Probe } from '../probe.ts';
import type { PreparedRun } from '../session.ts';
import { openOnnx, type OnnxDevice } from './onnx.ts';
import { openReference } from './reference.ts';
import { openTensorflow, type TensorflowDevice } from './tensorflow.ts';

type Row = NonNullable<RunFacts['runtimeTable']>[number];
export interface Choice {
  readonly runtime: Runtime;
  readonly table: readonly Row[];
}

/** All trials together take at most this long; a candidate that is slower than the best so far by this factor is given up early. */
const budgetMs = 2_000;
const hopeless = 4;

/** @param threads `auto` is one: the machine's cores are filled by its workers, and narrow layers are slower on two */
function open({ name, device }: Pick<Probe, 'name' | 'device'>, threads: Spec['runtime']['threads']): Promise<Runtime> | Runtime {
  if (name === 'onnx') return openOnnx({ device: device as OnnxDevice, threads: threads === 'auto' ? 1 : threads });
  if (name === 'tensorflow') return openTensorflow({ device: device as TensorflowDevice });
  return openReference();
}

const fits = (wanted: Spec['runtime'], { name, device }: Probe): boolean =>
  (wanted.name === 'auto' ? name !== 'reference' : wanted.name === name) &&
  (wanted.device === 'auto' || wanted.device === device) &&
  !(wanted.precision === 'float64' && name === 'tensorflow');

/**
 * The runtime for a run, open, with the table of what was tried. A choice that names runtime and device is opened without a trial.
 *
 * @throws Error when nothing that was asked for loads: what, why, and what would be possible
 */
export async function choose(wanted: Spec['runtime'], run: PreparedRun, probe: () => Promise<Probe[]> = probeRuntimes): Promise<Choice> {
  const probes =
    wanted.name === 'reference' ? [{ name: 'reference', version: process.versions.node, device: 'cpu', available: true }] : await probe();
  const candidates = probes.filter((candidate) => fits(wanted, candidate));
  const loads = candidates.filter(({ available }) => available);
  const refused = candidates
    .filter(({ available }) => !available)
    .map(({ name, device, version, reason }): Row => ({ runtime: name, device, version, stepMs: null, reason: reason ?? 'does not load' }));
  if (loads.length === 0) {
    const why = refused.map(({ runtime, device, reason }) => `${runtime} on ${device}: ${reason}`).join('; ') || 'no such combination';
    throw new Error(
      `runtime ${wanted.name} on ${wanted.device} in ${wanted.precision} is not to be had here (${why}); available: ${probes
        .filter(({ available }) => available)
        .map(({ name, device }) => `${name} on ${device}`)
        .join(', ')}`,
    );
  }
  if (loads.length === 1 && wanted.name !== 'auto')
    return { runtime: await open(loads[0]!, wanted.threads), table: [row(loads[0]!, null, 'named, not timed')] };

  let best: { runtime: Runtime; stepMs: number } | null = null;
  const table: Row[] = [];
  const end = performance.now() + budgetMs;
  for (const [i, candidate] of loads.entries()) {
    let runtime: Runtime | null = null;
    try {
      runtime = await open(candidate, wanted.threads);
      const share = Math.max(100, (end - performance.now()) / (loads.length - i));
      const stepMs = await timeStep(runtime, run, share, best ? best.stepMs * hopeless : Infinity);
      table.push(row(candidate, stepMs));
      if (best && best.stepMs <= stepMs) await runtime.close();
      else {
        await best?.runtime.close();
        best = { runtime, stepMs };
      }
    } catch (error) {
      await runtime?.close();
      table.push(row(candidate, null, (error as Error).message.split('\n')[0]!));
    }
  }
  if (!best)
    throw new Error(
      `no runtime could run this program: ${table.map(({ runtime, device, reason }) => `${runtime} on ${device}: ${reason}`).join('; ')}`,
    );
  return { runtime: best.runtime, table: [...table.sort((a, b) => (a.stepMs ?? Infinity) - (b.stepMs ?? Infinity)), ...refused] };
}

const row = ({ name, device, version }: Probe, stepMs: number | null, reason?: string): Row => ({
  runtime: name,
  device,
  version,
  stepMs,
  ...(reason ? { reason } : {}),
});

/** Milliseconds per step of the run's own training program: the best of the calls that fit into the time, the first one (warm-up) aside. */
async function timeStep(runtime: Runtime, run: PreparedRun, ms: number, giveUpAbove: number): Promise<number> {
  const upload = async (tensors: PreparedRun['state']) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(tensors).map(async ([name, { values, shape }]) => [name, await runtime.upload(values, shape)] as const),
      ),
    );
  const start = performance.now();
  const compiled = await runtime.compile(run.training.program);
  const held: Record<string, Handle> = await upload(run.held);
  let state: Record<string, Handle> = await upload(run.state);
  let [steps, fastest, calls] = [1, Infinity, 0];
  try {
    do {
      const from = performance.now();
      state = { ...(await compiled.run({ state, held, rows: run.rows(0, steps), steps })).state };
      const stepMs = (performance.now() - from) / steps;
      if (calls++ > 0) fastest = Math.min(fastest, stepMs);
      if (fastest > giveUpAbove && calls > 2) break;
      steps = Math.max(1, Math.min(64, Math.floor(ms / 8 / stepMs)));
    } while (performance.now() - start < ms || calls < 2);
  } finally {
    await compiled.close();
    for (const handle of [...Object.values(state), ...Object.values(held)]) runtime.release(handle);
  }
  return fastest;
}
