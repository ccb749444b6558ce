/** @file The TensorFlow runtime: programs on @tensorflow/tfjs-node-gpu, else @tensorflow/tfjs-node, else @tensorflow/tfjs with its wasm backend. Float32 only. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Tf from '@tensorflow/tfjs';
import { opOf } from '#core/graph/builder.ts';
import { sizeOf, type Node, type Values } from '#core/graph/node.ts';
import { planEvaluation } from '#core/graph/evaluate.ts';
import { resultsApart, resultsOf, writeRow, type Executable, type Handle, type Program, type Runtime } from '#core/graph/program.ts';
import { simplifyProgram } from '#core/graph/simplify.ts';
import type { Probe } from '../probe.ts';
import { tryOut } from './onnx.ts';
import { lowerings } from './tensorflow/lowerings.ts';

const load = createRequire(import.meta.url);
const tensorflowDevices = ['cuda', 'cpu', 'wasm'] as const;
export type TensorflowDevice = (typeof tensorflowDevices)[number];
const packages = { cuda: '@tensorflow/tfjs-node-gpu', cpu: '@tensorflow/tfjs-node', wasm: '@tensorflow/tfjs' } as const;

interface TfHandle extends Handle {
  tensor: Tf.Tensor | null;
}

/** The library with the backend of the device, ready. */
async function loadTensorflow(device: TensorflowDevice): Promise<{ tf: typeof Tf; version: string }> {
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 took away
  const util = load('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const tf = load(packages[device]) as typeof Tf;
  if (device === 'wasm') {
    const wasm = load('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(folder: string): void };
    wasm.setWasmPaths(join(dirname(load.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/'));
  }
  const backend = device === 'wasm' ? 'wasm' : 'tensorflow';
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} did not start`);
  await tf.ready();
  return { tf, version: tf.version_core };
}

export async function openTensorflow({ device = 'wasm' }: { device?: TensorflowDevice } = {}): Promise<Runtime> {
  const { tf, version } = await loadTensorflow(device);
  const open = new Set<TfHandle>();
  const wrap = (tensor: Tf.Tensor): TfHandle => {
    const handle: TfHandle = { shape: [...tensor.shape], dtype: tensor.dtype as 'float32' | 'int32', tensor };
    open.add(handle);
    return handle;
  };
  const runtime: Runtime = {
    name: 'tensorflow',
    version,
    device,
    async upload(values, shape) {
      if (values instanceof Float64Array)
        throw new TypeError('tensorflow computes in float32 only; for float64 take the runtime onnx or reference');
      return wrap(tf.tensor(values.slice(), shape as number[], values instanceof Int32Array ? 'int32' : 'float32'));
    },
    read: async (handle) => (await tensorOf(handle).data()).slice() as Values,
    release(handle) {
      const of = handle as TfHandle;
      of.tensor?.dispose();
      of.tensor = null;
      open.delete(of);
    },
    compile: async (program) => executable(tf, runtime, simplifyProgram(program), wrap),
    async close() {
      for (const handle of [...open]) runtime.release(handle);
    },
  };
  return runtime;
}

function tensorOf(handle: Handle): Tf.Tensor {
  const { tensor } = handle as TfHandle;
  if (!tensor) throw new Error('tensorflow: this tensor was released');
  return tensor;
}

function executable(tf: typeof Tf, runtime: Runtime, program: Program, wrap: (tensor: Tf.Tensor) => TfHandle): Executable {
  if (program.g.precision === 'float64')
    throw new TypeError('tensorflow computes in float32 only; for float64 take the runtime onnx or reference');
  const results = resultsOf(program);
  const plan = planEvaluation(results);
  const inputs = new Set<Node>(plan.order.filter(({ op }) => op === 'input'));
  // constants are made once and live as long as the program
  const constants = new Map<Node, Tf.Tensor>(
    plan.order.filter(({ op }) => op === 'constant').map((node) => [node, tf.tidy(() => lowerings.constant({ tf, node }))]),
  );

  /** One step; everything made on the way is freed at its last use. The results are clones, owned by the caller. */
  const step = (feeds: ReadonlyMap<Node, Tf.Tensor>): Tf.Tensor[] => {
    const values = new Map<Node, Tf.Tensor>([...feeds, ...constants]);
    plan.order.forEach((node, i) => {
      if (!values.has(node)) {
        if (inputs.has(node)) throw new Error(`${program.title}: the input ${String(node.attrs.name)} is neither state, held nor row`);
        const lower = lowerings[opOf(node).name as keyof typeof lowerings];
        values.set(
          node,
          tf.tidy(() => lower({ tf, node }, ...node.inputs.map((input) => values.get(input)!))),
        );
      }
      for (const done of plan.lastUses[i]!) if (!feeds.has(done) && !constants.has(done)) values.get(done)!.dispose();
    });
    const made = results.map((result) => tf.clone(values.get(result)!));
    for (const result of new Set(results)) if (!feeds.has(result) && !constants.has(result)) values.get(result)!.dispose();
    return made;
  };

  return {
    program,
    async run({ state, held, rows, steps, into = {} }) {
      const records = program.records.map(
        ({ name, value: { dtype, shape } }) => into[name] ?? new (dtype === 'int32' ? Int32Array : Float32Array)(steps * sizeOf(shape)),
      );
      const fixed = new Map<Node, Tf.Tensor>(program.held.map(({ name, input }) => [input, tensorOf(held[name]!)]));
      let current = program.state.map(({ name }) => tf.clone(tensorOf(state[name]!)));
      for (let k = 0; k < steps; k++) {
        const fed = program.rows.map(({ name, input }) => {
          const size = sizeOf(input.shape);
          const values = rows[name]!.subarray(k * size, (k + 1) * size);
          return [
            input,
            tf.tensor(
              input.dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values),
              input.shape as number[],
              input.dtype as 'float32',
            ),
          ] as const;
        });
        const made = step(new Map([...fixed, ...program.state.map(({ input }, i) => [input, current[i]!] as const), ...fed]));
        for (const tensor of [...current, ...fed.map(([, tensor]) => tensor)]) tensor.dispose();
        current = made.slice(0, current.length);
        const values = await Promise.all(made.slice(current.length).map((tensor) => tensor.data()));
        for (const tensor of made.slice(current.length)) tensor.dispose();
        const told = resultsApart({ ...program, state: [] }, values as Values[]).records;
        records.forEach((record, i) => writeRow(record, k, steps, told[i]!));
      }
      for (const { name } of program.state) runtime.release(state[name]!);
      return {
        state: Object.fromEntries(program.state.map(({ name }, i) => [name, wrap(current[i]!)])),
        records: Object.fromEntries(program.records.map(({ name }, i) => [name, records[i]!])),
      };
    },
    async close() {
      for (const tensor of constants.values()) tensor.dispose();
      constants.clear();
    },
  };
}

/** Runs a tiny program on every device that the installed packages offer. */
export async function probeTensorflow(): Promise<Probe[]> {
  const probes: Probe[] = [];
  for (const device of tensorflowDevices) {
    try {
      const runtime = await openTensorflow({ device });
      await tryOut(runtime);
      await runtime.close();
      probes.push({ name: 'tensorflow', version: runtime.version, device, available: true });
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      const reason =
        code === 'MODULE_NOT_FOUND' ? `${packages[device]} is not installed, or its native library is missing` : message.split('\n')[0]!;
      probes.push({ name: 'tensorflow', version: '', device, available: false, reason });
    }
  }
  return probes;
}
