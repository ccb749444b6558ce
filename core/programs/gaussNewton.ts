/**
 * @file Products with the Gauss-Newton matrix G = Jᵀ Λ J and the empirical Fisher matrix: J and its transpose from the graph, Λ the second
 * derivative of the loss in the outputs. For softmax cross-entropy and squared error G is the Fisher matrix.
 */
import { batched } from '../graph/batch.ts';
import { opOf, type Builder } from '../graph/builder.ts';
import { cotangents, hessianVector, tangent } from '../graph/differentiate.ts';
import { sizeOf, type Node } from '../graph/node.ts';
import { topologicalOrder } from '../graph/order.ts';
import { ownTangents, reach } from '../graph/seeds.ts';
import { joined, memberSeeds } from './blocks.ts';
import type { LayeredObjective } from './lanczos.ts';

/** G v, in the shapes of the objective's inputs. Cost: one tangent and one reverse pass, as much as a gradient. */
export function gaussNewtonProduct({ g, loss, outputs, parameters }: LayeredObjective, vectors: readonly Node[]): Node[] {
  const inputs = parameters.map(({ input }) => input);
  const moved = tangent(g, [outputs], inputs, vectors); // [B, K]
  const curved = hessianVector(g, loss, [outputs], moved);
  return orZero(g, cotangents(g, [outputs], curved, inputs), inputs);
}

/** F v with F = mean of g_n g_nᵀ over the examples' gradients g_n. */
export function fisherProduct({ g, each, parameters }: LayeredObjective, vectors: readonly Node[]): Node[] {
  const inputs = parameters.map(({ input }) => input);
  const slopes = tangent(g, [each], inputs, vectors)[0]!; // [B]
  return orZero(g, cotangents(g, [each], [g.mul(slopes, 1 / sizeOf(each.shape))], inputs), inputs);
}

/**
 * F v with the Fisher matrix of the model: as the empirical one, but each g_n in expectation over targets drawn from the model's own outputs.
 *
 * @throws RangeError where the loss is no negative log-likelihood
 */
export function modelFisherProduct({ g, outputs, information, parameters }: LayeredObjective, vectors: readonly Node[]): Node[] {
  if (!information) throw new RangeError('modelFisherProduct: the loss must be a negative log-likelihood');
  const inputs = parameters.map(({ input }) => input);
  const moved = tangent(g, [outputs], inputs, vectors)[0]!; // [B, K]
  const seed = g.mul(information(moved), 1 / outputs.shape[0]!);
  return orZero(g, cotangents(g, [outputs], [seed], inputs), inputs);
}

const orZero = (g: Builder, found: readonly (Node | null)[], like: readonly Node[]): Node[] =>
  found.map((node, i) => node ?? g.constant(0, like[i]!.shape));

/**
 * The diagonal blocks of G for all layers at once: the outputs' derivative in every pre-activation from one backward pass of K columns,
 * then two matrix products a layer. (K + 4)/3 gradients a product whatever the depth, where the triangle takes (L + 1)/3.
 *
 * @throws RangeError where a layer reaches the outputs past its pre-activation (see `gaussNewtonFits`)
 */
export function gaussNewtonBlocks(objective: LayeredObjective, vectors: readonly Node[]): Node[] {
  const { g, loss, outputs, members, taps } = objective;
  const [rows, classes] = outputs.shape as [number, number]; // B, K
  const layers = localNodes(objective);
  if (!layers) throw new RangeError('gaussNewtonBlocks: every layer must reach the outputs through its pre-activation alone');
  const seed = g.input('output column', outputs.shape);
  const columns = g.broadcastTo(g.reshape(g.constant(identity(classes)), [classes, 1, classes]), [classes, rows, classes]);
  const reached = cotangents(g, [outputs], [seed], taps);
  const nothing = (tap: Node) => g.constant(0, [classes, ...tap.shape]);
  const found = batched(
    g,
    reached.map((node) => node ?? seed),
    new Map([[seed, columns]]),
  );
  const factors = taps.map((tap, l) => g.reshape(reached[l] ? found[l]! : nothing(tap), [classes, rows, -1])); // [K, B, N]
  const moved = ownTangents(
    g,
    taps.map((node, place) => ({ node, place })),
    memberSeeds(objective, vectors),
  );
  const results = new Map<Node, Node>();
  taps.forEach((tap, layer) => {
    if (!moved[layer]) return;
    const factor = factors[layer]!;
    const width = factor.shape[2]!;
    const response = g.sum(g.mul(factor, g.reshape(moved[layer], [1, rows, width])), [2]); // [K, B]
    const curved = hessianVector(g, loss, [outputs], [g.transpose(response)])[0]!; // [B, K]
    const pulled = g.sum(g.mul(factor, g.reshape(g.transpose(curved), [classes, rows, 1])), [0]); // [B, N]
    for (const [node, value] of localReverse(g, tap, g.reshape(pulled, tap.shape), layers[layer]!)) results.set(node, value);
  });
  return joined(g, members, results);
}

function identity(n: number): Float64Array {
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) values[i * n + i] = 1;
  return values;
}

/**
 * For each layer the nodes between its members and its pre-activation; null where some layer gets past it, or where the examples
 * of the batch are mixed by a normalization.
 */
function localNodes({ outputs, members, taps }: LayeredObjective): Set<Node>[] | null {
  const order = topologicalOrder([outputs]);
  if (order.some(({ op, attrs }) => op === 'normalize' && (attrs.axes as number[]).includes(0))) return null;
  const own = new Map<Node, number>();
  for (const { node, layer } of members.flat()) own.set(node, layer);
  const layers = taps.map(() => new Set<Node>());
  for (const [node, layer] of own) layers[layer]!.add(node);
  for (const node of order) {
    for (const input of node.inputs) {
      const layer = own.get(input);
      if (layer === undefined || input === taps[layer]) continue;
      if (own.has(node) && own.get(node) !== layer) return null; // two layers before either's pre-activation
      own.set(node, layer);
      layers[layer]!.add(node);
    }
  }
  return own.has(outputs) && outputs !== taps[own.get(outputs)!] ? null : layers;
}

/** Cotangents of the layer's members; walks the local nodes only, where a walk of the whole graph for each layer would be quadratic. */
function localReverse(g: Builder, tap: Node, seed: Node, local: ReadonlySet<Node>): Map<Node, Node> {
  const parts = new Map<Node, Node>([[tap, seed]]);
  for (const node of [...local].sort((a, b) => b.id - a.id)) {
    const cotangent = parts.get(node);
    const needs = node.inputs.map((input) => local.has(input));
    if (!cotangent || !needs.includes(true)) continue;
    opOf(node)
      .reverse(g, node, cotangent, needs)
      .forEach((d, k) => {
        const input = node.inputs[k]!;
        if (d && needs[k]) parts.set(input, parts.has(input) ? g.add(parts.get(input)!, d) : d);
      });
  }
  return parts;
}

/** Ops that are linear in the one input that moves, or made of linear pieces. */
const linear = new Set(['add', 'sub', 'neg', 'relu', 'abs', 'maximum', 'minimum', 'where', 'reduceMax', 'sum']);
const shapes = new Set([
  'reshape',
  'broadcastTo',
  'transpose',
  'slice',
  'pad',
  'concat',
  'gather',
  'scatterAdd',
  'patches',
  'fold',
  'stopGradient',
]);
const products = new Set(['mul', 'matMul']);
/** Constant between its jumps: nothing that moves gets through. */
const steps = new Set(['step', 'sign', 'greater', 'equal', 'floor', 'argMax']);

/**
 * True where the blocks of H are those of G and `gaussNewtonBlocks` can make them: the outputs are made of linear pieces in the weights of
 * any one layer (ReLU, maximum pooling), and no example sees another's.
 */
export function gaussNewtonFits(objective: LayeredObjective): boolean {
  const { outputs, members } = objective;
  const order = topologicalOrder([outputs]);
  const seeds = members.flat().map(({ node, layer }) => ({ node, place: layer }));
  const reached = reach(order, seeds);
  const own = new Set(seeds.map(({ node }) => node));
  for (const node of order) {
    const range = reached.get(node);
    if (!range || own.has(node) || linear.has(node.op) || shapes.has(node.op)) continue;
    const moving = node.inputs.map((input) => reached.get(input));
    if (steps.has(node.op)) continue;
    if (node.op === 'div' && !moving[1]) continue;
    const [a, b] = moving;
    if (products.has(node.op) && !(a && b && Math.max(a.from, b.from) < Math.min(a.to, b.to))) continue;
    return false;
  }
  return localNodes(objective) !== null;
}
