/** @file The reference runtime: the graph's own float64 evaluation. Slow and sure; float32 programs are rounded where a tensor is stored. */
import { evaluate, planEvaluation } from '#core/graph/evaluate.ts';
import { sizeOf, type DType, type Node, type Shape, type Values } from '#core/graph/node.ts';
import { resultsApart, resultsOf, writeRow, type Executable, type Handle, type Program, type Runtime } from '#core/graph/program.ts';

interface Tensor extends Handle {
  values: Values | null;
}

const dtypeOf = (values: Values): DType =>
  values instanceof Int32Array ? 'int32' : values instanceof Float32Array ? 'float32' : 'float64';

/** A copy of the values in the array that holds this type. */
function stored(values: Values, dtype: DType): Values {
  return dtype === 'int32' ? Int32Array.from(values) : dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
}

export function openReference(): Runtime {
  const live = new Set<Tensor>();
  const keep = (values: Values, shape: Shape, dtype: DType): Tensor => {
    const tensor = { values: stored(values, dtype), shape, dtype };
    live.add(tensor);
    return tensor;
  };
  const valuesOf = (handle: Handle, what: string): Values => {
    const { values } = handle as Tensor;
    if (!values) throw new Error(`reference: ${what} was released`);
    return values;
  };
  const release = (handle: Handle): void => {
    (handle as Tensor).values = null;
    live.delete(handle as Tensor);
  };

  function compile(program: Program): Executable {
    const plan = planEvaluation(resultsOf(program));
    /** Values of the program's inputs under the names that the input nodes carry. */
    const feed = (into: Record<string, Values>, node: Node, values: Values) => (into[String(node.attrs.name)] = values);
    return {
      program,
      async run({ state, held, rows, steps, into = {} }) {
        const feeds: Record<string, Values> = {};
        for (const { name, input } of program.held) feed(feeds, input, valuesOf(held[name]!, name));
        let current = program.state.map(({ name }) => valuesOf(state[name]!, name));
        const records = program.records.map(
          ({ name, value }) => into[name] ?? stored(new Float64Array(steps * sizeOf(value.shape)), value.dtype),
        );
        for (let k = 0; k < steps; k++) {
          program.state.forEach(({ input }, i) => feed(feeds, input, current[i]!));
          for (const { name, input } of program.rows) {
            const size = sizeOf(input.shape);
            feed(feeds, input, rows[name]!.subarray(k * size, (k + 1) * size));
          }
          const made = resultsApart(program, evaluate(plan, feeds));
          current = program.state.map(({ input }, i) => stored(made.next[i]!, input.dtype));
          records.forEach((record, i) => writeRow(record, k, steps, made.records[i]!));
        }
        Object.values(state).forEach(release);
        return {
          state: Object.fromEntries(program.state.map(({ name, input }, i) => [name, keep(current[i]!, input.shape, input.dtype)])),
          records: Object.fromEntries(program.records.map(({ name }, i) => [name, records[i]!])),
        };
      },
      async close() {},
    };
  }

  return {
    name: 'reference',
    version: '1',
    device: 'cpu',
    async upload(values, shape, { lent = false } = {}) {
      if (!lent) return keep(values, shape, dtypeOf(values));
      const tensor = { values, shape, dtype: dtypeOf(values) };
      live.add(tensor);
      return tensor;
    },
    read: async (handle) => valuesOf(handle, 'the tensor').slice(),
    release,
    compile: async (program) => compile(program),
    async close() {
      live.forEach(release);
    },
  };
}
