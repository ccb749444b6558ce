/**
 * @file Simplification: the same values from fewer nodes. Run once, after every derivative is built and before a runtime compiles.
 *
 * Interning already merges common subexpressions and reaching only what outputs need drops dead code; here follow constants and
 * algebraic identities. A rule must hold on every input, NaN and infinity included, up to rounding and the sign of zero: so x·0 stays.
 * The reference runtime runs the original graph, so every comparison of runtimes also compares the simplified graph with it.
 */
import { opOf, withInputs, type Builder } from './builder.ts';
import { broadcastShapes } from './elementwise.ts';
import { sizeOf, type Node } from './node.ts';
import { rebuilt } from './order.ts';
import { equalShapes } from './shapes.ts';
import { resultsApart, resultsOf, type Program } from './program.ts';
import { foldedProduct, normalizedParts } from './simplifyImages.ts';
import { memberOfRows, rowsOfStack, stackOfRows, stackOfSums } from './simplifyStacks.ts';
import { sumInParts, sumOfStretched, sumOfSum } from './simplifySums.ts';

/** Folding larger constants would trade a little time for a lot of model. */
const foldedValues = 4_096;

/** A node of the same values, or null where the rule does not apply. Inputs of `node` are simplified already. */
type Rule = (g: Builder, node: Node) => Node | null;
type Rules = Readonly<Record<string, Rule>>;

/**
 * Equal values for `outputs`, in order. Derivatives must not be taken of the result: `stopGradient` is gone.
 *
 * @param wholeSums long sums are not made of sums yet, for passes that look for them
 */
export function simplify(g: Builder, outputs: readonly Node[], { wholeSums = false } = {}): Node[] {
  const done = new Set<Node>();
  const chosen = wholeSums ? { ...rules, sum: shorterSum } : rules;
  return rebuilt(g, outputs, (node) => rewritten(g, node, chosen, done));
}

/** The program with simpler results; state, held inputs and rows stay as they are. */
export function simplifyProgram(program: Program): Program {
  const { g, state, records } = program;
  const simple = resultsApart(program, simplify(g, resultsOf(program)));
  return {
    ...program,
    state: state.map((entry, i) => ({ ...entry, next: simple.next[i]! })),
    records: records.map((entry, i) => ({ ...entry, ...simple.records[i]! })),
  };
}

/**
 * Applies rules until none does, also to the nodes that rules make below the one they give. Every rule removes a node or moves towards a
 * normal form, so this ends.
 *
 * @param done nodes that no rule applies to; grows
 */
function rewritten(g: Builder, node: Node, rules: Rules, done: Set<Node>): Node {
  while (!done.has(node)) {
    const inputs = node.inputs.map((input) => rewritten(g, input, rules, done));
    node = withInputs(g, node, inputs);
    const next = folded(g, node) ?? unstretched(g, node) ?? rules[node.op]?.(g, node) ?? ordered(g, node);
    if (!next) done.add(node);
    else node = next;
  }
  return node;
}

/** The one number of a constant, whatever its shape. */
const filled = (node: Node): number | undefined =>
  node.op === 'constant' && typeof node.attrs.value === 'number' ? node.attrs.value : undefined;
const stretch = (g: Builder, x: Node, { shape }: Node): Node => g.broadcastTo(x, shape);

/** A node of constants alone is a constant, computed in float64. */
function folded(g: Builder, node: Node): Node | null {
  if (node.inputs.length === 0 || sizeOf(node.shape) > foldedValues) return null;
  if (!node.inputs.every(({ op, shape }) => op === 'constant' && sizeOf(shape) <= foldedValues)) return null;
  const values = opOf(node).evaluate(
    node.inputs.map((input) => opOf(input).evaluate([], input)),
    node,
  );
  const [first] = values;
  return g.constant(values.every((value) => Object.is(value, first)) && Number.isFinite(first) ? first! : values, node.shape, node.dtype);
}

const stretching = new Set(['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'greater', 'equal', 'where']);

/** Ops that broadcast by themselves take the unstretched input, where the result keeps its shape without it. */
function unstretched(g: Builder, node: Node): Node | null {
  if (!stretching.has(node.op)) return null;
  const inputs = [...node.inputs];
  node.inputs.forEach((input, i) => {
    if (input.op !== 'broadcastTo') return;
    const source = input.inputs[0]!;
    const shapes = inputs.map((other, k) => (k === i ? source.shape : other.shape));
    if (equalShapes(shapes.reduce(broadcastShapes), node.shape)) inputs[i] = source;
  });
  const next = withInputs(g, node, inputs);
  return next === node ? null : next;
}

const commutative = new Set(['add', 'mul', 'maximum', 'minimum', 'equal']);

/** a + b and b + a are one node. A scalar factor stays second, where lowerings look for it. */
function ordered(g: Builder, node: Node): Node | null {
  if (!commutative.has(node.op)) return null;
  const [a, b] = node.inputs as [Node, Node];
  const rank = (x: Node) => (x.shape.length === 0 ? 1 : 0);
  return rank(a) > rank(b) || (rank(a) === rank(b) && a.id > b.id) ? g.node(node.op, [b, a], node.attrs) : null;
}

/** x where the other operand is filled with the neutral element. */
function neutral(g: Builder, node: Node, element: number, sides: readonly (0 | 1)[] = [0, 1]): Node | null {
  for (const side of sides) if (filled(node.inputs[side]!) === element) return stretch(g, node.inputs[1 - side]!, node);
  return null;
}

/** x · c where c is a scalar constant: [x, c]. */
function scaled(node: Node): [x: Node, factor: number] | null {
  if (node.op !== 'mul') return null;
  const [x, factor] = node.inputs as [Node, Node];
  const value = factor.shape.length === 0 ? filled(factor) : undefined;
  return value === undefined ? null : [x, value];
}

/** Factors whose product neither over- nor underflows where a single one would not. */
const tame = (factor: number): boolean => Math.abs(factor) > 1e-12 && Math.abs(factor) < 1e12;

const neverNegative = new Set(['relu', 'square', 'abs', 'exp', 'sigmoid', 'step', 'softmax', 'norm', 'oneHot']);
const even: Rule = (g, { op, inputs: [x] }) => (x!.op === 'neg' || x!.op === 'abs' ? g.node(op, [x!.inputs[0]!]) : null);

const shorterSum: Rule = (g, node) => sumOfStretched(g, node) ?? sumOfSum(g, node);

const rules: Rules = {
  add(g, node) {
    const [a, b] = node.inputs as [Node, Node];
    if (b.op === 'neg') return g.sub(a, b.inputs[0]!);
    if (a.op === 'neg') return g.sub(b, a.inputs[0]!);
    return neutral(g, node, 0);
  },
  sub(g, node) {
    const [a, b] = node.inputs as [Node, Node];
    if (b.op === 'neg') return g.add(a, b.inputs[0]!);
    if (filled(a) === 0) return g.neg(stretch(g, b, node));
    return neutral(g, node, 0, [1]);
  },
  mul(g, node) {
    const [a, b] = node.inputs as [Node, Node];
    if (a === b) return g.square(a);
    if (a.op === 'neg' && b.op === 'neg') return g.mul(a.inputs[0]!, b.inputs[0]!);
    const outer = scaled(node);
    const inner = outer && scaled(outer[0]);
    if (inner && tame(inner[1]) && tame(outer[1])) return g.mul(inner[0], inner[1] * outer[1]);
    if (outer?.[0].op === 'neg') return g.mul(outer[0].inputs[0]!, -outer[1]);
    return neutral(g, node, 1);
  },
  div(g, node) {
    const divisor = filled(node.inputs[1]!);
    // a power of two: its reciprocal is exact
    if (divisor !== undefined && divisor !== 1 && Number.isInteger(Math.log2(Math.abs(divisor))) && tame(divisor))
      return g.mul(stretch(g, node.inputs[0]!, node), 1 / divisor);
    return neutral(g, node, 1, [1]);
  },
  pow(g, node) {
    const exponent = filled(node.inputs[1]!);
    if (exponent === 2) return stretch(g, g.square(node.inputs[0]!), node);
    return neutral(g, node, 1, [1]);
  },
  neg(g, { inputs: [x] }) {
    if (x!.op === 'neg') return x!.inputs[0]!;
    return x!.op === 'sub' ? g.sub(x!.inputs[1]!, x!.inputs[0]!) : null;
  },
  square: even,
  abs: (g, node) => (neverNegative.has(node.inputs[0]!.op) ? node.inputs[0]! : even(g, node)),
  relu: (_, { inputs: [x] }) => (neverNegative.has(x!.op) ? x! : null),
  cos: even,
  stopGradient: (_, { inputs: [x] }) => x!,
  maximum: (_, { inputs: [a, b] }) => (a === b ? a! : null),
  minimum: (_, { inputs: [a, b] }) => (a === b ? a! : null),
  where(g, node) {
    const [condition, a, b] = node.inputs as [Node, Node, Node];
    const truth = filled(condition);
    if (a === b) return stretch(g, a, node);
    return truth === undefined ? null : stretch(g, truth !== 0 ? a : b, node);
  },
  broadcastTo(g, { inputs: [x], shape }) {
    if (x!.op === 'broadcastTo') return g.broadcastTo(x!.inputs[0]!, shape);
    const value = filled(x!);
    return value === undefined ? null : g.constant(value, shape, x!.dtype);
  },
  sum: (g, node) => shorterSum(g, node) ?? sumInParts(g, node),
  fold: foldedProduct,
  normalize: normalizedParts,
  reshape: (g, node) => (node.inputs[0]!.op === 'reshape' ? g.reshape(node.inputs[0]!, node.shape) : rowsOfStack(g, node)),
  slice: (g, node) => sliceOfSlice(g, node) ?? sliceOfConcat(g, node) ?? memberOfRows(g, node),
  concat: (g, node) => joinedSlices(g, node) ?? flatConcat(g, node) ?? stackOfRows(g, node) ?? stackOfSums(g, node),
  matMul(g, { inputs: [a, b], attrs }) {
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const swaps = (x: Node) =>
      x.op === 'transpose' && (x.attrs.permutation as number[]).join() === (x.shape.length === 2 ? '1,0' : '0,2,1');
    if (swaps(a!)) return g.matMul(a!.inputs[0]!, b!, { transposeA: !transposeA, transposeB });
    return swaps(b!) ? g.matMul(a!, b!.inputs[0]!, { transposeA, transposeB: !transposeB }) : null;
  },
  gather(_, { inputs: [x, indices] }) {
    const { value } = indices!.attrs as { value?: unknown };
    const all = value instanceof Int32Array && indices!.shape.length === 1 && value.length === x!.shape[0];
    return all && value.every((row, i) => row === i) ? x! : null;
  },
};

function sliceOfSlice(g: Builder, { inputs: [x], attrs }: Node): Node | null {
  if (x!.op !== 'slice' || x!.attrs.axis !== attrs.axis) return null;
  const from = x!.attrs.start as number;
  return g.slice(x!.inputs[0]!, attrs.axis as number, from + (attrs.start as number), from + (attrs.end as number));
}

/** A part that lies within one of the joined nodes. */
function sliceOfConcat(g: Builder, { inputs: [x], attrs }: Node): Node | null {
  const { axis, start, end } = attrs as { axis: number; start: number; end: number };
  if (x!.op !== 'concat' || x!.attrs.axis !== axis) return null;
  let offset = 0;
  for (const part of x!.inputs) {
    const size = part.shape[axis]!;
    if (start >= offset && end <= offset + size) return g.slice(part, axis, start - offset, end - offset);
    offset += size;
  }
  return null;
}

/** Neighbouring parts of one node, joined again. */
function joinedSlices(g: Builder, { inputs, attrs }: Node): Node | null {
  const axis = attrs.axis as number;
  const source = inputs[0]!.inputs[0];
  const neighbours = inputs.every(
    (part, i) =>
      part.op === 'slice' &&
      part.attrs.axis === axis &&
      part.inputs[0] === source &&
      (i === 0 || part.attrs.start === inputs[i - 1]!.attrs.end),
  );
  return neighbours ? g.slice(source!, axis, inputs[0]!.attrs.start as number, inputs.at(-1)!.attrs.end as number) : null;
}

function flatConcat(g: Builder, { inputs, attrs }: Node): Node | null {
  const nested = (part: Node) => part.op === 'concat' && part.attrs.axis === attrs.axis;
  return inputs.some(nested)
    ? g.concat(
        inputs.flatMap((part) => (nested(part) ? part.inputs : [part])),
        attrs.axis as number,
      )
    : null;
}
