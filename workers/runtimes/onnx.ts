/** @file The ONNX runtime: programs in onnxruntime-node, on its CPU kernels or on a device it was built for. State stays in its own tensors between calls. */
import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { sizeOf, zerosOf, type Values } from '#core/graph/node.ts';
import { resultsOf, type Executable, type Handle, type Named, type Program, type Runtime } from '#core/graph/program.ts';
import { createBuilder } from '#core/graph/builder.ts';
import { topologicalOrder } from '#core/graph/order.ts';
import { simplifyProgram } from '#core/graph/simplify.ts';
import type { Probe } from '../probe.ts';
import { runInto, worthPlacing } from './onnx/inPlace.ts';
import { iterates, modelOf, names } from './onnx/model.ts';

type Ort = typeof import('onnxruntime-node');
const load = createRequire(import.meta.url);

const onnxDevices = ['cpu', 'webgpu', 'cuda'] as const;
export type OnnxDevice = (typeof onnxDevices)[number];

// ONNX Runtime's optimizer is quadratic in the nodes: training of a thousand layers opens in 2 s without it and in 12 s with it, and 300 layers
// of 40 train 4% faster with it
const optimizedNodes = 8_000;

interface OnnxHandle extends Handle {
  tensor: Tensor | null;
  /** Its values are the caller's. */
  readonly lent: boolean;
}

export interface OnnxOptions {
  readonly device?: OnnxDevice;
  /** Threads inside one operator; 1 is fastest for narrow layers, the number of cores for wide ones. */
  readonly threads?: number;
  /** Where each session writes how long its operators took, when it is closed: the beginning of the file's name. */
  readonly profile?: string;
}

export async function openOnnx({ device = 'cpu', threads = 1, profile }: OnnxOptions = {}): Promise<Runtime> {
  const ort = load('onnxruntime-node') as Ort;
  const version = (load('onnxruntime-node/package.json') as { version: string }).version;
  const open = new Set<OnnxHandle>();
  const sessions = new Set<InferenceSession>();
  const options: InferenceSession.SessionOptions = {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    // threads that spin while they wait take the other worker's core
    // MatMulScaleFusion keeps its factor in float32, 3e-8 off in a float64 program; QuickGelu, which x sigmoid(x) becomes, has no float64 kernel;
    // GemmTransposeFusion has Gemm turn what is turned apart for speed: a step of three convolutions takes 0.89 of the time without it
    extra: {
      session: { intra_op: { allow_spinning: threads > 1 ? '1' : '0' } },
      optimization: { disable_specified_optimizers: 'MatMulScaleFusion;QuickGeluFusion;GemmTransposeFusion' },
    },
  };
  const wrap = (tensor: Tensor, lent = false): OnnxHandle => {
    const handle: OnnxHandle = { shape: [...tensor.dims], dtype: tensor.type as Handle['dtype'], tensor, lent };
    open.add(handle);
    return handle;
  };
  const tensorOf = (handle: Handle): Tensor => {
    const { tensor } = handle as OnnxHandle;
    if (!tensor) throw new Error('onnx: this tensor was released');
    return tensor;
  };
  const runtime: Runtime = {
    name: 'onnx',
    version,
    device,
    async upload(values, shape, { lent = false } = {}) {
      if (values.length !== sizeOf(shape))
        throw new RangeError(`onnx: shape [${shape}] takes ${sizeOf(shape)} values, got ${values.length}`);
      return wrap(tensorFrom(ort, lent ? values : values.slice(), shape), lent);
    },
    async read(handle) {
      return ((await tensorOf(handle).getData()) as Values).slice();
    },
    release(handle) {
      const of = handle as OnnxHandle;
      of.tensor?.dispose();
      of.tensor = null;
      open.delete(of);
    },
    async compile(original) {
      const program = simplifyProgram(original);
      const nodes = topologicalOrder(resultsOf(program)).length;
      const graphOptimizationLevel = nodes > (program.seldom ? 1_000 : optimizedNodes) ? 'disabled' : 'all';
      const session = await ort.InferenceSession.create(modelOf(program, { processor: device === 'cpu' }), {
        ...options,
        graphOptimizationLevel,
      }).catch((error: Error) => {
        throw new Error(`onnx on ${device}: ${program.title} does not compile: ${error.message}`);
      });
      sessions.add(session);
      return executable(ort, runtime, program, session, wrap, tensorOf, () => sessions.delete(session));
    },
    async close() {
      for (const handle of [...open]) runtime.release(handle);
      await Promise.all([...sessions].map((session) => session.release()));
      sessions.clear();
    },
  };
  return runtime;
}

function tensorFrom(ort: Ort, values: Values, shape: readonly number[]): Tensor {
  const type = values instanceof Float32Array ? 'float32' : values instanceof Float64Array ? 'float64' : 'int32';
  return new ort.Tensor(type, values as Float32Array, shape);
}

function executable(
  ort: Ort,
  runtime: Runtime,
  program: Program,
  session: InferenceSession,
  wrap: (tensor: Tensor) => OnnxHandle,
  tensorOf: (handle: Handle) => Tensor,
  forget: () => void,
): Executable {
  const loops = iterates(program);
  const bytes = (steps: number): number => {
    const values = [
      ...program.state.map(({ input }) => sizeOf(input.shape)),
      ...program.records.map(({ value }) => steps * sizeOf(value.shape)),
    ];
    return values.reduce((sum, size) => sum + size, 0) * (program.g.precision === 'float64' ? 8 : 4);
  };
  /** For each state an array that a consumed handle has left. */
  const spare = new Map<string, Values>();
  /** All results, each with the tensor it is to be written to; null where `fresh` gives none. */
  const places = (into: Named, steps: number, fresh: (dtype: Handle['dtype'], size: number) => Values | null) => {
    const tensor = (values: Values | null, shape: readonly number[]) => values && tensorFrom(ort, values, shape);
    return Object.fromEntries([
      ...program.state.map(({ name, input: { shape, dtype } }) => {
        const left = spare.get(name);
        spare.delete(name);
        return [names.next(name), tensor(left ?? fresh(dtype, sizeOf(shape)), shape)] as const;
      }),
      ...program.records.map(({ name, value: { shape, dtype } }) => {
        const values = into[name] ?? fresh(dtype, steps * sizeOf(shape));
        return [names.record(name), tensor(values, loops ? [steps, ...shape] : shape)] as const;
      }),
    ]);
  };
  const need = <T>(what: string, name: string, from: Readonly<Record<string, T>>): T => {
    const found = from[name];
    if (!found) throw new Error(`onnx: ${program.title} needs the ${what} ${name}, got ${Object.keys(from).join(', ') || 'nothing'}`);
    return found;
  };
  return {
    program,
    async run({ state, held, rows, steps, into = {} }) {
      if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`onnx: steps must be a positive integer, got ${steps}`);
      const feeds: Record<string, Tensor> = {};
      if (loops) feeds[names.steps] = new ort.Tensor('int64', BigInt64Array.of(BigInt(steps)), []);
      for (const { name } of program.state) feeds[names.state(name)] = tensorOf(need('state', name, state));
      for (const { name } of program.held) feeds[names.held(name)] = tensorOf(need('held tensor', name, held));
      for (const { name, input } of program.rows) {
        const values = need('rows', name, rows);
        if (values.length !== steps * sizeOf(input.shape))
          throw new RangeError(`onnx: rows ${name} take ${steps} x ${sizeOf(input.shape)} values, got ${values.length}`);
        feeds[names.rows(name)] = tensorFrom(ort, asType(values, input.dtype), [steps, ...input.shape]);
      }
      const placing = await worthPlacing(ort, session, bytes(steps));
      const wanted = places(into, steps, placing ? zerosOf : () => null);
      const results = placing ? await runInto(session, feeds, wanted as Record<string, Tensor>) : await session.run(feeds, wanted);
      for (const { name } of program.state) {
        const consumed = state[name] as OnnxHandle;
        if (placing && !consumed.lent) spare.set(name, consumed.tensor!.data as Values);
        runtime.release(consumed);
      }
      const records: Record<string, Values> = {};
      for (const { name } of program.records) records[name] = (await results[names.record(name)]!.getData()) as Values;
      return { state: Object.fromEntries(program.state.map(({ name }) => [name, wrap(results[names.next(name)]!)])), records };
    },
    async close() {
      forget();
      await session.release();
    },
  };
}

/** Rows come in the type the caller has; the model's inputs are strict. */
function asType(values: Values, dtype: Handle['dtype']): Values {
  if (dtype === 'float32') return values instanceof Float32Array ? values : Float32Array.from(values);
  if (dtype === 'float64') return values instanceof Float64Array ? values : Float64Array.from(values);
  return values instanceof Int32Array ? values : Int32Array.from(values);
}

/** Runs a tiny program on every device. A device may take the process with it: call this in a child. */
export async function probeOnnx(): Promise<Probe[]> {
  const { version } = load('onnxruntime-node/package.json') as { version: string };
  const probes: Probe[] = [];
  for (const device of onnxDevices) {
    try {
      const runtime = await openOnnx({ device });
      await tryOut(runtime);
      await runtime.close();
      probes.push({ name: 'onnx', version, device, available: true });
    } catch (error) {
      probes.push({ name: 'onnx', version, device, available: false, reason: (error as Error).message.split('\n')[0]! });
    }
  }
  return probes;
}

/** x ← 2x + 1, three times. */
export async function tryOut(runtime: Runtime): Promise<void> {
  const g = createBuilder('float32');
  const x = g.input('x', [2]);
  const program: Program = {
    title: 'probe',
    g,
    state: [{ name: 'x', input: x, next: g.add(g.mul(x, 2), 1) }],
    held: [],
    rows: [],
    records: [{ name: 'sum', value: g.sum(x) }],
  };
  const compiled = await runtime.compile(program);
  const { state, records } = await compiled.run({
    state: { x: await runtime.upload(Float32Array.of(1, 2), [2]) },
    held: {},
    rows: {},
    steps: 3,
  });
  const end = await runtime.read(state.x!);
  if (end[0] !== 15 || end[1] !== 23 || records.sum![2] !== 18) throw new Error(`a tiny program gave ${Array.from(end)} instead of 15, 23`);
}
