/** @file A program as one ONNX model: a Loop whose body is one step, or a plain graph where nothing is iterated. */
import { sizeOf, type Node } from '#core/graph/node.ts';
import { readersOf, topologicalOrder } from '#core/graph/order.ts';
import { resultsApart, resultsOf, type Program } from '#core/graph/program.ts';
import { blockedProduct, blocksOf, type Blocks } from './blocks.ts';
import { concatenation } from './concatenation.ts';
import { lowerings } from './lowerings.ts';
import { emitNorms, jointNorms, type JointNorms } from './norms.ts';
import { elementType, encodeModel, valueInfo, type GraphProto, type NodeProto } from './proto.ts';
import { withStop } from './inPlace.ts';
import { createScope, type Lowering, type Scope } from './scope.ts';

/** Names of the model's inputs and outputs for each part of the program. */
export const names = {
  steps: 'steps',
  state: (name: string) => `state:${name}`,
  next: (name: string) => `next:${name}`,
  held: (name: string) => `held:${name}`,
  rows: (name: string) => `rows:${name}`,
  record: (name: string) => `record:${name}`,
};

/** True where the program runs step by step; else one evaluation is all there is. */
export const iterates = ({ state, rows }: Program): boolean => state.length > 0 || rows.length > 0;

/**
 * @param processor products of large patches are made image by image, as suits a cache, and results can be written where they are wanted
 */
export function modelOf(program: Program, { processor = true } = {}): Uint8Array {
  const wanted = resultsOf(program);
  const order = topologicalOrder(wanted);
  const uses = readersOf(order, wanted);
  const { products, skipped } = processor ? blocksOf(order, uses) : { products: new Map<never, never>(), skipped: [] };
  const norms = jointNorms(order, uses);
  const stepping = processor && program.state.length > 0;
  const together = { ...norms, products, skipped: new Set([...skipped, ...norms.skipped]), stepping };
  const graph = iterates(program) ? loopGraph(program, order, together) : plainGraph(program, together);
  return encodeModel(processor ? withStop(graph) : graph);
}

/** Nodes that are said in ONNX together with those before them, which are then left out. */
type Together = Blocks & JointNorms & Pick<Lowering, 'stepping'>;

function plainGraph(program: Program, together: Together): GraphProto {
  const scope = createScope('n');
  const known = new Map<Node, string>(program.held.map(({ name, input }) => [input, names.held(name)]));
  const outputs = lowerInto(scope, resultsOf(program), known, together);
  const computed = resultsApart(program, outputs).records;
  const made = new Set(scope.nodes.flatMap(({ output }) => output));
  /** Results under the names they are asked for: a copy under another name is a pass over the memory, 14% of what products share. */
  const asked = new Map<string, string>();
  program.records.forEach(({ name, value: node }, i) => {
    const { value, when } = computed[i]!;
    const result = when === undefined ? value : onCondition(scope, node, when, () => value);
    if (made.has(result) && !asked.has(result)) asked.set(result, names.record(name));
    else scope.nodes.push({ opType: 'Identity', input: [result], output: [names.record(name)], attribute: [] });
  });
  return {
    name: program.title,
    node: renamed(scope.nodes, asked),
    initializer: scope.initializers,
    input: program.held.map(({ name, input }) => valueInfo(names.held(name), input.dtype, input.shape)),
    output: program.records.map(({ name, value }) => valueInfo(names.record(name), value.dtype, value.shape)),
  };
}

/** The nodes, and those of the graphs inside them, with other names for some values. */
const renamed = (nodes: readonly NodeProto[], to: ReadonlyMap<string, string>): NodeProto[] =>
  nodes.map((node) => ({
    ...node,
    input: node.input.map((name) => to.get(name) ?? name),
    output: node.output.map((name) => to.get(name) ?? name),
    attribute: node.attribute.map((own) => (own.g ? { ...own, g: { ...own.g, node: renamed(own.g.node, to) } } : own)),
  }));

/**
 * What depends on neither rows nor state that moves (frozen weights do not) is computed once, outside the loop. Inside, names of the outer
 * graph are visible as they are, so data sets are never copied into an iteration.
 */
function loopGraph(program: Program, order: readonly Node[], together: Together): GraphProto {
  const { held, rows, records } = program;
  const state = program.state.filter(({ input, next }) => input !== next);
  const still = program.state.filter(({ input, next }) => input === next);
  const outer = createScope('o');
  const body = createScope('b');
  const known = new Map<Node, string>([
    ...held.map(({ name, input }) => [input, names.held(name)] as const),
    ...still.map(({ name, input }) => [input, names.state(name)] as const),
  ]);
  const varies = new Set<Node>([...state, ...rows].map(({ input }) => input));
  for (const node of order) if (node.inputs.some((input) => varies.has(input))) varies.add(node);
  const outside = (node: Node) => !varies.has(node) && node.op !== 'constant' && node.op !== 'input' && !together.skipped.has(node);
  lowerInto(outer, order.filter(outside), known, together);

  for (const { name, input } of state) known.set(input, `in:${name}`);
  for (const { name, input } of rows) known.set(input, body.emit('Gather', [names.rows(name), 'iteration']));
  const wanted = [...state.map(({ next }) => next), ...records.map(({ value }) => value)];
  const always = [...state.map(({ next }) => next), ...records.map(({ value, when }) => when ?? value)];
  const results = lowerInto(body, [...always, ...readOnCondition(wanted, always, varies)], known, together).slice(0, wanted.length);
  const chosen = wanted.map((node, i) => {
    const when = records[i - state.length]?.when;
    return when ? onCondition(body, node, results[i]!, (at) => lowerInto(at, [node], new Map(known), together)[0]!) : results[i]!;
  });
  // every result of the body needs a name of its own; a copy under another name is a pass over the memory wherever something else reads it too
  const made = new Set(body.nodes.flatMap(({ output }) => output));
  const named = chosen.map((result) => (made.delete(result) ? result : body.emit('Identity', [result])));
  const bodyGraph: GraphProto = {
    name: 'step',
    node: [...body.nodes, { opType: 'Identity', input: ['condition'], output: ['goOn'], attribute: [] }],
    initializer: body.initializers,
    input: [
      valueInfo('iteration', 'int64', []),
      valueInfo('condition', 'bool', []),
      ...state.map(({ name, input }) => valueInfo(`in:${name}`, input.dtype, input.shape)),
    ],
    output: [valueInfo('goOn', 'bool', []), ...wanted.map((node, i) => valueInfo(named[i]!, node.dtype, node.shape))],
  };
  const outputs = [...state.map(({ name }) => names.next(name)), ...records.map(({ name }) => names.record(name))];
  outer.nodes.push({
    opType: 'Loop',
    input: [names.steps, '', ...state.map(({ name }) => names.state(name))],
    output: outputs,
    attribute: [{ name: 'body', type: 5, g: bodyGraph }],
  });
  for (const { name } of still)
    outer.nodes.push({ opType: 'Identity', input: [names.state(name)], output: [names.next(name)], attribute: [] });
  return {
    name: program.title,
    node: outer.nodes,
    initializer: outer.initializers,
    input: [
      valueInfo(names.steps, 'int64', []),
      ...program.state.map(({ name, input }) => valueInfo(names.state(name), input.dtype, input.shape)),
      ...held.map(({ name, input }) => valueInfo(names.held(name), input.dtype, input.shape)),
      ...rows.map(({ name, input }) => valueInfo(names.rows(name), input.dtype, ['K', ...input.shape])),
    ],
    output: [
      ...program.state.map(({ name, input }) => valueInfo(names.next(name), input.dtype, input.shape)),
      ...records.map(({ name, value }) => valueInfo(names.record(name), value.dtype, ['K', ...value.shape])),
    ],
  };
}

/** What a branch looks at from outside: values that move in the loop and are computed in every step, whatever the condition says. */
function readOnCondition(wanted: readonly Node[], always: readonly Node[], varies: ReadonlySet<Node>): Node[] {
  const everyStep = new Set(topologicalOrder(always));
  const now = topologicalOrder(wanted).filter((node) => !everyStep.has(node));
  return [...new Set(now.flatMap(({ inputs }) => inputs))].filter((input) => everyStep.has(input) && varies.has(input));
}

/** The node where the condition is not 0, zeros elsewhere. */
const onCondition = (at: Scope, node: Node, condition: string, lower: (at: Scope) => string): string =>
  at.either(at.emit('Cast', [condition], { to: elementType.bool }), node, lower, (inner) =>
    inner.emit('Expand', [inner.scalar(node.dtype, 0), inner.int64s(node.shape)]),
  );

/** Emits everything the outputs need that is not known yet; fills `known` and gives the outputs' names. */
function lowerInto(scope: Scope, outputs: readonly Node[], known: Map<Node, string>, together: Together): string[] {
  const local = new Map(known);
  const order = topologicalOrder(outputs);
  const uses = readersOf(order, outputs);
  const booleans = new Map<Node, string>();
  const splits = tilings(order);
  /** How many norms of a run have come by; it is written down with the last. */
  const reached = new Map<readonly Node[], number>();
  const { products, runs, joins, skipped, stepping } = together;
  const { sums, within } = productSums(order, uses, (node) => [local, products, joins, skipped].some((known) => known.has(node)));
  for (const node of order) {
    const run = runs.get(node);
    if (run) {
      const met = (reached.get(run) ?? 0) + 1;
      reached.set(run, met);
      const sources = () => run.map(({ inputs }) => local.get(inputs[0]!)!);
      if (met === run.length) local.set(run[0]!, emitNorms(scope, run, sources()));
    }
    if (local.has(node) || skipped.has(node)) continue;
    if (node.op === 'input')
      throw new Error(`the program reads the input ${String(node.attrs.name)}, which is neither state, held nor row`);
    const inputs = node.inputs.map((input) => local.get(input)!);
    const lower = lowerings[node.op as keyof typeof lowerings];
    const product = products.get(node);
    const joined = joins.get(node)?.map((part) => local.get(part)!);
    const name =
      (product && blockedProduct(scope, node, product, (of) => local.get(of)!, patchesIn)) ??
      (joined && concatenation(scope, joined, 0)) ??
      (sums.has(node) ? summed(scope, sums.get(node)!, local) : null) ??
      split(scope, node, local, splits) ??
      (within.has(node)
        ? ''
        : lower({
            scope,
            node,
            inputs,
            dtype: node.dtype,
            booleanOf: (of) => booleans.get(of),
            setBoolean: (of, truth) => booleans.set(of, truth),
            decides: uses
              .get(node)!
              .every(({ op, inputs: [condition, ...branches] }) => op === 'where' && condition === node && !branches.includes(node)),
            stepping,
          }));
    local.set(node, name);
    if (node.op !== 'constant') known.set(node, name);
  }
  return outputs.map((output) => local.get(output)!);
}

/** Patches of a block of images, inside the scan that goes over them. */
const patchesIn = (scope: Scope, node: Node, images: string): string =>
  lowerings.patches({ scope, node, inputs: [images], dtype: node.dtype, booleanOf: () => undefined, setBoolean: () => {}, decides: false });

/** A sum with matrix products among its terms. */
interface ProductSum {
  readonly products: readonly Node[];
  readonly rest: Node | null;
}

/**
 * Sums that Gemm makes on the way, product by product: x K + b, and the pairs of products that tangents are made of. Saves a pass over the
 * result for each. Only products and sums that nobody else reads.
 *
 * What lies deepest comes first: a product that is ready long before the sum is due would be made early, and read again from far away.
 */
function productSums(order: readonly Node[], uses: Map<Node, Node[]>, taken: (node: Node) => boolean) {
  const sums = new Map<Node, ProductSum>();
  const within = new Set<Node>();
  const free = (node: Node) => uses.get(node)!.length === 1 && !taken(node);
  const depths = new Map<Node, number>();
  for (const node of order) depths.set(node, 1 + Math.max(-1, ...node.inputs.map((input) => depths.get(input)!)));
  for (const node of [...order].reverse()) {
    if (node.op !== 'add' || node.shape.length !== 2 || taken(node) || within.has(node)) continue;
    const [products, others, inner]: [Node[], Node[], Node[]] = [[], [], []];
    const collect = (term: Node): void => {
      if (term.op === 'matMul' && free(term)) products.push(term);
      else if (term.op === 'add' && free(term) && sizeOf(term.shape) === sizeOf(node.shape)) {
        inner.push(term);
        term.inputs.forEach(collect);
      } else others.push(term);
    };
    node.inputs.forEach(collect);
    const [rest] = others;
    if (products.length === 0 || others.length > 1) continue;
    if (rest && ![sizeOf(node.shape), node.shape[1]].includes(sizeOf(rest.shape))) continue;
    if (rest && sizeOf(rest.shape) < sizeOf(node.shape) && rest.shape.at(-1) !== node.shape[1]) continue; // a column
    sums.set(node, { products: products.sort((a, b) => depths.get(b)! - depths.get(a)!), rest: rest ?? null });
    for (const term of [...products, ...inner]) within.add(term);
  }
  return { sums, within };
}

function summed(scope: Scope, { products, rest }: ProductSum, names: Map<Node, string>): string {
  return products.reduce<string | null>(
    (sum, { inputs: [a, b], attrs }) => {
      const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
      const factors = [names.get(a!)!, names.get(b!)!];
      return sum === null && !transposeA && !transposeB
        ? scope.emit('MatMul', factors)
        : scope.emit('Gemm', sum === null ? factors : [...factors, sum], { transA: Number(transposeA), transB: Number(transposeB) });
    },
    rest && names.get(rest)!,
  )!;
}

/** Slices that together tile an axis of one node, in order: one Split makes them all. */
function tilings(order: readonly Node[]): Map<Node, { source: Node; parts: Node[] }> {
  const groups = new Map<string, Node[]>();
  for (const node of order) {
    if (node.op !== 'slice') continue;
    const key = `${node.inputs[0]!.id}:${node.attrs.axis as number}`;
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const result = new Map<Node, { source: Node; parts: Node[] }>();
  for (const members of groups.values()) {
    const parts = [...members].sort((a, b) => (a.attrs.start as number) - (b.attrs.start as number));
    const source = parts[0]!.inputs[0]!;
    let at = 0;
    const tiles =
      parts.every(({ attrs }) => attrs.start === at && ((at = attrs.end as number), true)) &&
      at === source.shape[parts[0]!.attrs.axis as number];
    if (tiles && parts.length > 1) for (const part of parts) result.set(part, { source, parts });
  }
  return result;
}

function split(scope: Scope, node: Node, names: Map<Node, string>, splits: Map<Node, { source: Node; parts: Node[] }>): string | null {
  const found = splits.get(node);
  if (!found) return null;
  const axis = node.attrs.axis as number;
  const sizes = found.parts.map(({ shape }) => shape[axis]!);
  const outputs = scope.emitMany('Split', [names.get(found.source)!, scope.int64s(sizes)], sizes.length, { axis });
  found.parts.forEach((part, i) => names.set(part, outputs[i]!));
  return names.get(node)!;
}
