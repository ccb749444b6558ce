/** @file The runtime that answers: opened once, programs compiled when first asked for, data uploaded once. */
import { sizeOf, type Values } from '#core/graph/node.ts';
import type { Executable, Handle, Program, Runtime } from '#core/graph/program.ts';
import type { InspectObjective } from '#core/inspect/objective.ts';
import { thrifty } from '#core/programs/lanczos.ts';
import { typed } from '#core/programs/plan.ts';
import type { Spec } from '#core/spec.ts';
import { openOnnx, type OnnxDevice } from '../runtimes/onnx.ts';
import { openReference } from '../runtimes/reference.ts';
import { openTensorflow, type TensorflowDevice } from '../runtimes/tensorflow.ts';
import { refuse } from './refusal.ts';

export interface Machine {
  readonly runtime: Runtime;
  /** Records of one evaluation. */
  run(program: Program): Promise<Record<string, Values>>;
  /** The record `product` for each vector of the row input `row`. */
  products(program: Program, row: string, vectors: readonly Float64Array[]): Promise<Float64Array[]>;
  close(): Promise<void>;
}

/** Rows of one call: enough to fill it, few enough to stop in time. */
const rowsPerCall = 128;
const valuesPerCall = 4_000_000;

export async function openMachine(
  runtime: Runtime,
  objective: InspectObjective,
  feeds: Readonly<Record<string, Values>>,
): Promise<Machine> {
  const handles: Record<string, Handle> = {};
  for (const { name, input } of [...objective.parameters, ...objective.held])
    handles[name] = await runtime.upload(typed(feeds[name]!, input.dtype), input.shape);
  const compiled = new Map<Program, Executable>();
  const executable = async (program: Program, leaner: (program: Program) => Program = (same) => same): Promise<Executable> => {
    const known = compiled.get(program) ?? (await runtime.compile(leaner(program)));
    compiled.set(program, known);
    return known;
  };
  return {
    runtime,
    async run(program) {
      return (await (await executable(program)).run({ state: {}, held: handles, rows: {}, steps: 1 })).records;
    },
    async products(program, row, vectors) {
      const of = await executable(program, runtime.name === 'reference' ? undefined : forManyRows); // the reference runs what is written
      const size = sizeOf(program.records[0]!.value.shape);
      const steps = Math.max(1, Math.min(rowsPerCall, Math.floor(valuesPerCall / size)));
      const { dtype } = program.rows[0]!.input;
      const found: Float64Array[] = [];
      for (let from = 0; from < vectors.length; from += steps) {
        const part = vectors.slice(from, from + steps);
        const rows = new Float64Array(part.reduce((sum, { length }) => sum + length, 0));
        part.forEach((vector, i) => rows.set(vector, i * vector.length));
        const { records } = await of.run({ state: {}, held: handles, rows: { [row]: typed(rows, dtype) }, steps: part.length });
        part.forEach((_, i) => found.push(Float64Array.from(records.product!.subarray(i * size, (i + 1) * size))));
      }
      return found;
    },
    async close() {
      await runtime.close();
    },
  };
}

/** A product for three dense layers takes 0.55 to 0.9 of the time so, for 50 of 6 units 0.85, for convolutions 0.9 to 1. */
function forManyRows(program: Program): Program {
  const { g, rows, records } = program;
  const values = thrifty(
    g,
    records.map(({ value }) => value),
    rows.map(({ input }) => input),
  );
  return { ...program, records: records.map((record, i) => ({ ...record, value: values[i]! })) };
}

/**
 * The runtime asked for; `auto` is ONNX Runtime, or the reference where that does not load.
 *
 * @throws InspectRefusal where a named one cannot do it
 */
export async function openRuntime(
  wanted: Pick<Spec['runtime'], 'name' | 'device' | 'threads'>,
  precision: Spec['runtime']['precision'],
): Promise<Runtime> {
  const { name, device } = wanted;
  const threads = wanted.threads === 'auto' ? 1 : wanted.threads;
  if (name === 'tensorflow' && precision === 'float64')
    refuse('precision', 'must be float32 on tensorflow, which has no float64, got float64; or choose the runtime onnx or reference');
  if (name === 'reference') return openReference();
  const open = async (): Promise<Runtime> =>
    name === 'tensorflow'
      ? openTensorflow(device === 'auto' ? {} : { device: device as TensorflowDevice })
      : openOnnx({ device: device === 'auto' ? 'cpu' : (device as OnnxDevice), threads });
  try {
    return await open();
  } catch (error) {
    if (name === 'auto') return openReference();
    refuse('runtime', `${name} on ${device} does not load here: ${(error as Error).message.split('\n')[0]}`);
  }
}
