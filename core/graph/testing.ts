/** @file For tests of the graph and its runtimes: an op's example inputs filled from a seed, and what close means. */
import { rng } from '../rng.ts';
import type { Builder } from './builder.ts';
import { ops } from './ops/index.ts';
import { sizeOf, type Node, type Op, type OpCase, type Values } from './node.ts';

export interface CaseOfOp {
  readonly name: string;
  readonly op: Op;
  readonly of: OpCase;
}

/** Every case of every op. */
export const allCases = (): CaseOfOp[] =>
  (Object.values(ops) as unknown as Op[]).flatMap((op) => op.cases.map((of) => ({ name: `${op.name}: ${of.title}`, op, of })));

/** The op under test on fresh inputs x0, x1, …, with values for them in the case's range. */
export function instance(
  g: Builder,
  { op, of }: CaseOfOp,
  seed = 1,
): { inputs: Node[]; output: Node; feeds: Record<string, Float64Array> } {
  const random = rng(seed, 'test');
  const feeds: Record<string, Float64Array> = {};
  const inputs = of.inputs.map(({ shape, low = -1, high = 1 }, i) => {
    feeds[`x${i}`] = Float64Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random.uniform());
    return g.input(`x${i}`, shape);
  });
  const output = of.make ? of.make(g, inputs) : (op.build as (g: Builder, ...inputs: Node[]) => Node)(g, ...inputs);
  return { inputs, output, feeds };
}

/** A scalar that depends on every element of `output` with weights of its own, curved, so that second derivatives are not zero. */
export function scalarThrough(g: Builder, output: Node, seed = 2): Node {
  const random = rng(seed, 'test', 1);
  const weights = g.constant(
    Float64Array.from({ length: sizeOf(output.shape) }, () => random.normal()),
    output.shape,
  );
  return g.sum(g.sin(g.mul(output, weights)));
}

/** NaN equals NaN and infinity itself; finite values differ by at most `tolerance` of max(1, |want|, `scale`). Null, or what is wrong. */
export function difference(got: Values, want: Values, tolerance: number, scale = 1): string | null {
  if (got.length !== want.length) return `${got.length} values instead of ${want.length}`;
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i]!, want[i]!];
    if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (!(Math.abs(a - b) <= tolerance * Math.max(scale, Math.abs(b)))) return `[${i}] is ${a} instead of ${b}`;
  }
  return null;
}
