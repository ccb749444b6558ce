/** @file A graph cut in two: what stays the same is computed once, what moves is computed from that and the moving inputs alone. */
import type { Builder } from './builder.ts';
import { sizeOf, type Node } from './node.ts';
import { rebuilt, topologicalOrder } from './order.ts';

export interface Cut {
  /** Nodes to be computed first. None of them depends on what moves. */
  readonly kept: readonly { readonly value: Node; readonly input: Node }[];
  /** The outputs again, reading `kept[i].input` in place of `kept[i].value`. */
  readonly outputs: readonly Node[];
}

/** Values from which on patches of images, or a matrix of them, are larger than any cache: read from memory as slowly as they are made. */
const large = 4_194_304;

/**
 * Costs nothing, is part of the op that reads it, or is a member of a stack that is there anyway: made again rather than kept. A runtime takes
 * a stack apart in one go, and every tensor that is kept has its price in each call (1.3 µs; 20 µs where there are thousands). Large patches
 * are made a few images at a time, in the cache, where their product reads them: three convolutions take 0.95 of the time so, and 260 MB less.
 */
const light = ({ op, shape, inputs: [source] }: Node): boolean =>
  op === 'reshape' ||
  op === 'broadcastTo' ||
  (op === 'slice' && bare(source!).op === 'input') ||
  (op === 'patches' && sizeOf(shape) > large);
const bare = (node: Node): Node => (node.op === 'reshape' ? bare(node.inputs[0]!) : node);

/**
 * Derivatives must not be taken of the result.
 *
 * @param moving inputs that change from call to call; all the others and what depends on them alone stay
 */
export function cut(g: Builder, outputs: readonly Node[], moving: readonly Node[]): Cut {
  const again = new Map<Node, Node>(moving.map((node) => [node, node]));
  const kept = new Map<Node, Node>();
  const still = (node: Node): Node => {
    if (node.op === 'input' || node.op === 'constant') return node;
    if (light(node)) return g.node(node.op, [still(node.inputs[0]!)], node.attrs);
    if (!kept.has(node)) kept.set(node, g.input(`kept ${node.id}`, node.shape, node.dtype));
    return kept.get(node)!;
  };
  const carried = (node: Node): Node => again.get(node) ?? still(node);
  const { order, varies } = whatMoves(outputs, moving);
  for (const node of order)
    if (varies.has(node) && !again.has(node)) again.set(node, g.node(node.op, node.inputs.map(carried), node.attrs));
  return { outputs: outputs.map(carried), kept: Array.from(kept, ([value, input]) => ({ value, input })) };
}

/**
 * The same cut with what is kept in fewer tensors: small ones of one shape become a stack. Each tensor has its price in every call, 1.3 µs and for
 * results of more than a thousand 20 µs, which is more than to copy 16 KiB.
 *
 * @param most values of a tensor that is small
 */
export function stacked(g: Builder, { kept, outputs }: Cut, most: number): Cut {
  const small = kept.filter(({ value }) => sizeOf(value.shape) <= most);
  const alike = Map.groupBy(small, ({ value }) => `${value.dtype} ${value.shape.join()}`);
  const members = new Map<Node, Node>();
  const stacks = [...alike.values()]
    .filter(({ length }) => length > 1)
    .map((group) => {
      const [{ value: first }] = group as [Cut['kept'][number]];
      const value = g.concat(
        group.map((each) => g.reshape(each.value, [1, ...first.shape])),
        0,
      );
      const input = g.input(`kept stack ${value.id}`, value.shape, value.dtype);
      group.forEach((each, i) => members.set(each.input, g.reshape(g.slice(input, 0, i, i + 1), first.shape)));
      return { value, input };
    });
  return { kept: [...kept.filter(({ input }) => !members.has(input)), ...stacks], outputs: rebuilt(g, outputs, undefined, members) };
}

/** The nodes of the outputs, and those among them that depend on what moves. */
export function whatMoves(outputs: readonly Node[], moving: readonly Node[]) {
  const varies = new Set(moving);
  const order = topologicalOrder(outputs);
  for (const node of order) if (node.inputs.some((input) => varies.has(input))) varies.add(node);
  return { order, varies };
}

/** Of a product with one factor that moves: that one, and the one that stays. */
export function parts(varies: ReadonlySet<Node>, { op, inputs: [a, b] }: Node): [moves: Node, factor: Node] | null {
  if (op !== 'mul' || varies.has(a!) === varies.has(b!)) return null;
  return varies.has(a!) ? [a!, b!] : [b!, a!];
}

/**
 * The same values with factors that stay multiplied together first: where v moves, (-(v · a)) · b becomes v · (-a · b). The second tangent of
 * an activation is such a chain; of four multiplications and a change of sign a layer three multiplications are left.
 */
export function gathered(g: Builder, outputs: readonly Node[], moving: readonly Node[]): Node[] {
  const { varies } = whatMoves(outputs, moving);
  const together = (node: Node): Node => {
    const outer = node.op === 'neg' ? parts(varies, node.inputs[0]!) : parts(varies, node);
    if (!outer) return node;
    const [moves, factor] = outer;
    if (node.op === 'neg') return g.mul(moves, g.neg(factor));
    const inner = parts(varies, moves);
    if (inner) return g.mul(inner[0], g.mul(inner[1], factor));
    return moves.op === 'neg' ? g.mul(moves.inputs[0]!, g.neg(factor)) : node;
  };
  return rebuilt(g, outputs, (node, of) => {
    if (!varies.has(of)) return node;
    varies.add(node);
    const next = together(node);
    varies.add(next);
    return next;
  });
}

/** x / y where y is a factor of x: the product of the others. */
function quotient(g: Builder, x: Node, y: Node): Node | null {
  if (x.op === 'neg') {
    const rest = quotient(g, x.inputs[0]!, y);
    return rest && g.neg(rest);
  }
  if (x.op !== 'mul') return null;
  const [a, b] = x.inputs as [Node, Node];
  if (a === y) return b;
  if (b === y) return a;
  const [left, right] = [quotient(g, a, y), quotient(g, b, y)];
  return left ? g.mul(left, b) : right && g.mul(a, right);
}

/**
 * The same values where two products of what moves share a factor that stays: beside v · a, v · (a · b) becomes (v · a) · b. Of a layer's
 * tangents only the one behind the activation is then read again on the way back, where it is needed anyway, and not the one before it.
 */
export function factored(g: Builder, outputs: readonly Node[], moving: readonly Node[]): Node[] {
  const { order, varies } = whatMoves(outputs, moving);
  /** For a moving node the still factors it is multiplied by. */
  const factors = new Map<Node, Set<Node>>();
  for (const node of order) {
    const [moves, factor] = parts(varies, node) ?? [];
    if (moves) factors.set(moves, (factors.get(moves) ?? new Set()).add(factor!));
  }
  /** The factor whose product with `moves` is made anyway, and from which that with `factor` follows. */
  const sharedBy = (moves: Node, factor: Node): Node | undefined => {
    const others = [...factors.get(moves)!];
    return others.find((other) => quotient(g, factor, other) && !others.some((smaller) => quotient(g, other, smaller)));
  };
  const again = new Map<Node, Node>();
  const next = (node: Node, of: Node): Node => {
    const [moves, factor] = parts(varies, of) ?? [];
    const shared = moves && sharedBy(moves, factor!);
    return shared ? g.mul(g.mul(again.get(moves)!, shared), quotient(g, factor!, shared)!) : node;
  };
  return rebuilt(g, outputs, next, again);
}

/** Rows from which on a product with a transposed matrix takes twice as long as with one that is transposed already. */
const tall = 1_024;

/**
 * The same products where tall matrices that stay, and enter transposed, are transposed once: patches of images, for a filter's gradient. Large
 * ones cost as much to turn and to keep as their products gain.
 */
export function turned(g: Builder, outputs: readonly Node[], moving: readonly Node[]): Node[] {
  const { varies } = whatMoves(outputs, moving);
  return rebuilt(g, outputs, (node, of) => {
    if (node.op !== 'matMul' || !varies.has(of) || varies.has(of.inputs[0]!)) return node;
    const [a, b] = node.inputs as [Node, Node];
    const { transposeA, transposeB } = node.attrs as { transposeA: boolean; transposeB: boolean };
    const turns = transposeA && a.shape.length === 2 && a.shape[0]! >= tall && sizeOf(a.shape) <= large;
    return turns ? g.matMul(g.transpose(a), b, { transposeB }) : node;
  });
}
