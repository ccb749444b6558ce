/** @file A linear piece of a graph applied to many inputs at once: each result gets a leading axis with one entry per input. */
import type { Builder } from './builder.ts';
import type { Node, Shape } from './node.ts';
import { reducedShape } from './shapes.ts';
import type { MatMulOptions } from './ops/matMul.ts';
import type { Windows } from './windows.ts';

/** `stacked[i]` [S, …] or null for an input that is the same for all. */
type Rule = (g: Builder, node: Node, stacked: readonly (Node | null)[], count: number) => Node;

/**
 * The values of `outputs` for S inputs at once.
 *
 * Reaches no node older than the replaced inputs (nodes are made after what they read), so a small piece of a large graph is quick.
 * Only ops that are linear in what is replaced have a rule: that is what derivatives are made of.
 *
 * @param inputs placeholder node → its stack [S, …shape of the placeholder]
 * @returns for each output its stack [S, …], or null where it does not depend on the inputs
 * @throws RangeError for an op without a rule
 */
export function batched(g: Builder, outputs: readonly Node[], inputs: ReadonlyMap<Node, Node>): (Node | null)[] {
  const oldest = Math.min(...Array.from(inputs.keys(), ({ id }) => id));
  const count = inputs.values().next().value!.shape[0]!;
  const piece = new Set<Node>();
  const collect = [...outputs];
  for (let node = collect.pop(); node; node = collect.pop()) {
    if (node.id < oldest || piece.has(node)) continue;
    piece.add(node);
    if (!inputs.has(node)) collect.push(...node.inputs);
  }
  const known = new Map<Node, Node | null>();
  for (const node of [...piece].sort((a, b) => a.id - b.id)) {
    const stacked = node.inputs.map((input) => known.get(input) ?? null);
    if (inputs.has(node)) known.set(node, inputs.get(node)!);
    else if (stacked.some((stack) => stack)) {
      const rule = rules[node.op];
      if (!rule) throw new RangeError(`batched: ${node.op} is not linear in what is replaced; known: ${Object.keys(rules).join(', ')}`);
      known.set(node, rule(g, node, stacked, count));
    }
  }
  return outputs.map((output) => known.get(output) ?? null);
}

/** Trailing axes line up: ones go between the stack's axis and a shorter shape. */
const aligned = (g: Builder, x: Node, rank: number): Node =>
  g.reshape(x, [x.shape[0]!, ...new Array<number>(rank + 1 - x.shape.length).fill(1), ...x.shape.slice(1)]);

const elementwise: Rule = (g, node, stacked, count) => {
  const inputs = node.inputs.map((input, i) => (stacked[i] ? aligned(g, stacked[i], node.shape.length) : input));
  const [first, ...rest] = inputs as [Node, Node, Node];
  const result =
    node.op === 'where' ? g.where(first, rest[0], rest[1]) : g[node.op as 'add' | 'sub' | 'mul' | 'div' | 'neg'](first, rest[0]);
  return g.broadcastTo(result, [count, ...node.shape]);
};

const repeated = (g: Builder, x: Node, count: number): Node => g.broadcastTo(g.reshape(x, [1, ...x.shape]), [count, ...x.shape]);

/** A stack times one matrix is one matrix product of all its rows. */
const matMul: Rule = (g, { inputs: [a, b], attrs, shape }, [left, right], count) => {
  const options = attrs as MatMulOptions;
  const result: Shape = [count, ...shape];
  if (left && !right && shape.length === 2) {
    const rows = options.transposeA ? g.transpose(left, [0, 2, 1]) : left; // [S, M, K]
    const product = g.matMul(g.reshape(rows, [-1, rows.shape[2]!]), b!, { transposeB: options.transposeB ?? false });
    return g.reshape(product, result);
  }
  const flat = (stack: Node | null, node: Node) => {
    const full = stack ?? repeated(g, node, count);
    return full.shape.length === 4 ? g.reshape(full, [-1, full.shape[2]!, full.shape[3]!]) : full;
  };
  return g.reshape(g.matMul(flat(left!, a!), flat(right!, b!), options), result);
};

/** Rows of each entry: the stack's axis steps aside while the first axis is worked on. */
const onRows =
  (work: (g: Builder, node: Node, x: Node) => Node, which: 0 | 1): Rule =>
  (g, node, stacked) => {
    const x = stacked[which]!;
    const indices = node.inputs[1 - which]!.shape.length; // of axes
    if (indices !== 1) throw new RangeError(`batched: ${node.op} takes indices of one axis, got ${indices}`);
    const swap = [1, 0, ...Array.from({ length: x.shape.length - 2 }, (_, i) => i + 2)];
    return g.transpose(work(g, node, g.transpose(x, swap)), swap);
  };

/** Images of every entry are images of one larger batch. */
const onImages =
  (work: (g: Builder, x: Node, windows: Windows) => Node): Rule =>
  (g, { attrs, shape }, [x], count) =>
    g.reshape(work(g, g.reshape(x!, [-1, ...x!.shape.slice(2)]), attrs as Windows), [count, ...shape]);

const at = ({ attrs }: Node): number => (attrs.axis as number) + 1;

const rules: Readonly<Record<string, Rule>> = {
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  neg: elementwise,
  stopGradient: (g, _, [x]) => g.stopGradient(x!), // what it lets through is its input
  where: elementwise,
  matMul,
  sum(g, node, [x]) {
    const axes = (node.attrs.axes as number[]).map((axis) => axis + 1);
    return g.reshape(g.sum(x!, axes), [
      x!.shape[0]!,
      ...reducedShape(node.inputs[0]!.shape, node.attrs.axes as number[], node.attrs.keepDims as boolean),
    ]);
  },
  reshape: (g, node, [x], count) => g.reshape(x!, [count, ...node.shape]),
  broadcastTo: (g, node, [x], count) => g.broadcastTo(aligned(g, x!, node.shape.length), [count, ...node.shape]),
  transpose: (g, { attrs }, [x]) => g.transpose(x!, [0, ...(attrs.permutation as number[]).map((axis) => axis + 1)]),
  slice: (g, node, [x]) => g.slice(x!, at(node), node.attrs.start as number, node.attrs.end as number),
  pad: (g, node, [x]) => g.pad(x!, at(node), node.attrs.before as number, node.attrs.after as number),
  concat: (g, node, stacked, count) =>
    g.concat(
      node.inputs.map((input, i) => stacked[i] ?? repeated(g, input, count)),
      at(node),
    ),
  patches: onImages((g, x, windows) => g.patches(x, windows)),
  fold: onImages((g, x, windows) => g.fold(x, windows)),
  gather: onRows((g, node, x) => g.gather(x, node.inputs[1]!), 0),
  scatterAdd: onRows((g, node, x) => g.scatterAdd(node.inputs[0]!, x, node.shape[0]!), 1),
};
