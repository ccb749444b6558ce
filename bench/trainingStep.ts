/**
 * @file A training step with every step metric, and an exact Hessian-vector product, beside bare PyTorch eager: same networks, same threads, one run.
 *
 * Tanh chains, and convolutions of 16, 32 and 64 channels with batch normalization and ReLU; 784 inputs and 10 classes, plain SGD. The peer is asked before and after; its faster answer counts.
 * `node bench/trainingStep.ts [--threads 1] [--seconds 3] [--python python3]`
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { sizeOf } from '#core/graph/node.ts';
import { curvatureObjective } from '#core/programs/curvature.ts';
import { dimension, traceProgram } from '#core/programs/lanczos.ts';
import { rng } from '#core/rng.ts';
import { parseSpec } from '#core/spec.ts';
import { openOnnx } from '#workers/runtimes/onnx.ts';
import { prepareRun, type PreparedRun } from '#workers/session.ts';

export type Network = { readonly batch: number } & (
  { readonly kind: 'mlpChain'; readonly depth: number; readonly width: number } | { readonly kind: 'vgg'; readonly pooling: 'max' | 'none' }
);
interface PeerAnswer {
  readonly version: string;
  readonly threads: number;
  readonly rows: readonly (Network & { readonly stepMs: number; readonly hvpMs: number })[];
}
export const networks: readonly Network[] = [
  { kind: 'mlpChain', depth: 10, width: 64, batch: 128 },
  { kind: 'mlpChain', depth: 50, width: 64, batch: 128 },
  { kind: 'mlpChain', depth: 300, width: 40, batch: 50 },
  { kind: 'mlpChain', depth: 50, width: 256, batch: 128 },
  { kind: 'vgg', pooling: 'none', batch: 64 },
  { kind: 'vgg', pooling: 'max', batch: 64 },
];
const examples = 2048;
const inputs = 784;

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** @param hosts when the host instruments measure */
export function prepare({ batch, ...network }: Network, metrics: 'all' | string[], hosts: object = {}): PreparedRun {
  const random = rng(1, 'data');
  const data = (n: number) => ({
    inputs: Float32Array.from({ length: n * inputs }, () => random.normal()),
    labels: Int32Array.from({ length: n }, () => random.integer(10)),
    n,
    inputSize: inputs,
    outputSize: 10,
    imageShape: [28, 28, 1] as const,
  });
  const spec = parseSpec({
    network: network.kind === 'vgg' ? { ...network, normalization: 'batchNorm' } : network,
    activation: network.kind === 'vgg' ? 'relu' : 'tanh',
    init: 'glorot',
    optimizer: { kind: 'sgd', learningRate: 1e-4 },
    dataset: { kind: 'glyphs', size: 28, train: examples },
    batchSize: batch,
    metrics: { step: metrics, ...hosts },
    curvature: { batchSize: batch },
  });
  return prepareRun(spec, { train: data(examples), heldOut: data(16) });
}

/** Median milliseconds a step, in calls of about 50 ms. */
async function stepTime(run: PreparedRun, threads: number, seconds: number): Promise<number> {
  const runtime = await openOnnx({ threads });
  const upload = async (tensors: PreparedRun['state']) =>
    Object.fromEntries(
      await Promise.all(
        Object.entries(tensors).map(async ([name, { values, shape }]) => [name, await runtime.upload(values, shape)] as const),
      ),
    );
  const compiled = await runtime.compile(run.training.program);
  const held = await upload(run.held);
  let state = await upload(run.state);
  const times: number[] = [];
  let [steps, first] = [1, 0];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end || times.length < 5;) {
    const rows = run.rows(first, steps);
    const start = performance.now();
    state = { ...(await compiled.run({ state, held, rows, steps })).state };
    const ms = (performance.now() - start) / steps;
    if (first > 2 * steps) times.push(ms);
    first += steps;
    steps = Math.max(1, Math.min(100, Math.round(50 / ms)));
  }
  await runtime.close();
  return median(times);
}

/** Median milliseconds of an exact product on one batch, from calls of several probes. */
async function productTime(run: PreparedRun, batch: number, threads: number, seconds: number): Promise<number> {
  const runtime = await openOnnx({ threads });
  const objective = curvatureObjective(run.plan, batch);
  const compiled = await runtime.compile(traceProgram(objective));
  const { train } = run.data;
  const held = {
    curvatureInputs: await runtime.upload(train.inputs.slice(0, batch * inputs), [batch, inputs]),
    curvatureTargets: await runtime.upload(train.labels!.slice(0, batch), [batch]),
    ...Object.fromEntries(
      await Promise.all(
        objective.parameters.map(async ({ name, input }) => [name, await runtime.upload(run.state[name]!.values, input.shape)] as const),
      ),
    ),
  };
  const [size, probes] = [dimension(objective), 5];
  const probe = Float32Array.from({ length: probes * size }, (_, i) => (i % 3) - 1);
  const times: number[] = [];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end || times.length < 3;) {
    const start = performance.now();
    await compiled.run({ state: {}, held, rows: { probe }, steps: probes });
    times.push((performance.now() - start) / probes);
  }
  await runtime.close();
  return median(times.slice(1));
}

async function peer(python: string, threads: number, seconds: number): Promise<PeerAnswer | null> {
  const script = fileURLToPath(new URL('./peers/pytorch.py', import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
  try {
    const { stdout } = await promisify(execFile)(python, [script, JSON.stringify({ networks, threads, seconds })], { env });
    return JSON.parse(stdout) as PeerAnswer;
  } catch (error) {
    console.error(`no peer: ${(error as Error).message.split('\n')[0]}`);
    return null;
  }
}

export type StepResult = Network & {
  readonly parameters: number;
  readonly stepMs: number;
  readonly bareStepMs: number;
  readonly hvpMs: number;
  readonly peerStepMs: number | null;
  readonly peerHvpMs: number | null;
  /** Step with all metrics, and product, in units of the peer's bare ones. */
  readonly stepRatio: number | null;
  readonly hvpRatio: number | null;
};

export async function trainingStep({ threads = 1, seconds = 3, python = 'python3' } = {}): Promise<{
  threads: number;
  peer: string | null;
  rows: StepResult[];
}> {
  const before = await peer(python, threads, seconds / 2);
  const rows: StepResult[] = [];
  for (const network of networks) {
    const run = prepare(network, 'all');
    const ours = {
      stepMs: await stepTime(run, threads, seconds),
      bareStepMs: await stepTime(prepare(network, []), threads, seconds),
      hvpMs: await productTime(run, network.batch, threads, seconds),
    };
    rows.push({
      ...network,
      parameters: run.plan.network.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      ...ours,
      peerStepMs: null,
      peerHvpMs: null,
      stepRatio: null,
      hvpRatio: null,
    });
  }
  const after = before && (await peer(python, threads, seconds / 2));
  const compared = rows.map((row, i) => {
    if (!before || !after) return row;
    const [peerStepMs, peerHvpMs] = (['stepMs', 'hvpMs'] as const).map((key) => Math.min(before.rows[i]![key], after.rows[i]![key])) as [
      number,
      number,
    ];
    return { ...row, peerStepMs, peerHvpMs, stepRatio: row.stepMs / peerStepMs, hvpRatio: row.hvpMs / peerHvpMs };
  });
  return { threads, peer: before && `PyTorch ${before.version} eager`, rows: compared };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { threads: { type: 'string' }, seconds: { type: 'string' }, python: { type: 'string' } } });
  const { rows, peer: name } = await trainingStep({
    threads: Number(values.threads ?? 1),
    seconds: Number(values.seconds ?? 3),
    ...(values.python ? { python: values.python } : {}),
  });
  console.log(name ?? 'no peer');
  console.table(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toPrecision(3)) : value]),
      ),
    ),
  );
}
