/** @file For tests that compare runtimes: one op's case with both derivatives, built in a precision and run on a runtime. */
import { createBuilder, type Builder, type FloatType } from '#core/graph/builder.ts';
import { gradient, hessianVector } from '#core/graph/differentiate.ts';
import { sizeOf, type Node, type Values } from '#core/graph/node.ts';
import type { Handle, Program, Runtime } from '#core/graph/program.ts';
import { allCases, difference, instance, scalarThrough, type CaseOfOp } from '#core/graph/testing.ts';
import { rng } from '#core/rng.ts';

/** A plain function of fed inputs on a runtime. */
export async function run(
  runtime: Runtime,
  g: Builder,
  inputs: readonly Node[],
  outputs: readonly Node[],
  feeds: Readonly<Record<string, Values>>,
): Promise<Values[]> {
  const program: Program = {
    title: 'agreement',
    g,
    state: [],
    held: inputs.map((input) => ({ name: String(input.attrs.name), input })),
    rows: [],
    records: outputs.map((value, i) => ({ name: `r${i}`, value })),
  };
  const compiled = await runtime.compile(program);
  const held: Record<string, Handle> = {};
  for (const { name, input } of program.held) {
    const values = feeds[name]!;
    held[name] = await runtime.upload(input.dtype === 'float32' ? Float32Array.from(values) : values, input.shape);
  }
  const { records } = await compiled.run({ state: {}, held, rows: {}, steps: 1 });
  for (const handle of Object.values(held)) runtime.release(handle);
  await compiled.close();
  return outputs.map((_, i) => records[`r${i}`]!);
}

/** Value, gradient and Hessian-vector product of a case, built in one precision. */
function build(each: CaseOfOp, precision: FloatType) {
  const g = createBuilder(precision);
  const { inputs, output, feeds } = instance(g, each);
  if (each.of.differentiable === false || inputs.length === 0) return { g, inputs, feeds, outputs: [output] };
  const loss = scalarThrough(g, output);
  const random = rng(6, 'test');
  const directions = inputs.map(({ shape }) =>
    g.constant(
      Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
      shape,
    ),
  );
  return { g, inputs, feeds, outputs: [output, ...gradient(g, loss, inputs), ...hessianVector(g, loss, inputs, directions)] };
}

/** A runtime under test, and how far values and derivatives may lie from the reference, relative to max(1, |value|). */
export interface Trial {
  readonly name: string;
  readonly runtime: Runtime;
  readonly precision: FloatType;
  readonly value: number;
  readonly derivative: number;
}

/** Every case of every op whose value, gradient or Hessian-vector product differs from the reference's. */
export async function disagreements(reference: Runtime, { runtime, precision, value, derivative }: Trial): Promise<string[]> {
  const wrong: string[] = [];
  for (const each of allCases()) {
    const exact = build(each, 'float64');
    // float32 sees rounded inputs; the reference must see the same ones
    const feeds = Object.fromEntries(
      Object.entries(exact.feeds).map(([input, values]) => [
        input,
        precision === 'float32' ? Float64Array.from(Float32Array.from(values)) : values,
      ]),
    );
    const wanted = await run(reference, exact.g, exact.inputs, exact.outputs, feeds);
    const tried = build(each, precision);
    try {
      const got = await run(runtime, tried.g, tried.inputs, tried.outputs, feeds);
      got.forEach((values, i) => {
        const fault = difference(values, wanted[i]!, i === 0 ? value : derivative);
        if (fault) wrong.push(`${each.name}, ${i === 0 ? 'value' : `derivative ${i}`}: ${fault}`);
      });
    } catch (error) {
      wrong.push(`${each.name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return wrong;
}
