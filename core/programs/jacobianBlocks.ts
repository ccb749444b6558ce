/**
 * @file The diagonal blocks of matrices Jᵀ C J, one per layer: products with all of them at once, by the columns of J or by a triangle of
 * tangents; and where the blocks of the Hessian are those of Gauss-Newton.
 */
import { batched } from '../graph/batch.ts';
import { opOf, type Builder } from '../graph/builder.ts';
import { cotangents } from '../graph/differentiate.ts';
import { sizeOf, type Node } from '../graph/node.ts';
import { topologicalOrder } from '../graph/order.ts';
import { ownTangents, reach, type Seed } from '../graph/seeds.ts';
import { inGroups, joined, memberSeeds } from './blocks.ts';
import type { JacobianForm } from './gaussNewton.ts';
import type { LayeredObjective, Product } from './lanczos.ts';

/** K, the entries of a row. */
export const columnCount = ({ rows }: JacobianForm, objective: LayeredObjective): number => {
  const { shape } = rows(objective);
  return sizeOf(shape) / shape[0]!;
};

/**
 * The derivative of the rows in every pre-activation from one backward pass of K columns, then two matrix products a layer. (K + 4)/3 gradients
 * a product whatever the depth, where the triangle takes (L + 1)/3.
 *
 * @throws RangeError where a layer reaches the rows past its pre-activation (see `columnsFit`)
 */
export const columnBlocks =
  (form: JacobianForm): Product =>
  (objective, vectors) => {
    const { g, members, taps } = objective;
    const rows = form.rows(objective); // [B, …]
    const [examples, count] = [rows.shape[0]!, columnCount(form, objective)]; // B, K
    const layers = localNodes(objective, rows);
    if (!layers) throw new RangeError('columnBlocks: every layer must reach the rows through its pre-activation alone');
    const seed = g.input('column', rows.shape);
    const columns = g.broadcastTo(g.reshape(g.constant(identity(count)), [count, 1, count]), [count, examples, count]);
    const reached = cotangents(g, [rows], [seed], taps);
    const nothing = (tap: Node) => g.constant(0, [count, ...tap.shape]);
    const found = batched(
      g,
      reached.map((node) => node ?? seed),
      new Map([[seed, g.reshape(columns, [count, ...rows.shape])]]),
    );
    const factors = taps.map((tap, l) => g.reshape(reached[l] ? found[l]! : nothing(tap), [count, examples, -1])); // [K, B, N]
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
      const response = g.sum(g.mul(factor, g.reshape(moved[layer], [1, examples, width])), [2]); // [K, B]
      const weighed = g.reshape(form.weigh(objective, g.reshape(g.transpose(response), rows.shape)), [examples, count]);
      const pulled = g.sum(g.mul(factor, g.reshape(g.transpose(weighed), [count, examples, 1])), [0]); // [B, N]
      for (const [node, value] of localReverse(g, tap, g.reshape(pulled, tap.shape), layers[layer]!)) results.set(node, value);
    });
    return joined(g, members, results);
  };

/** For any network: tangents of the rows from every layer at once, and what is made of each carried back to its own layer. (L + 1)/3 gradients. */
export const triangularBlocks =
  (form: JacobianForm): Product =>
  (objective, vectors) => {
    const { g, members, taps } = objective;
    const flat = memberSeeds(objective, vectors);
    const rows = form.rows(objective);
    const cotangent = g.input('cotangent of the rows', rows.shape);
    const pulled = cotangents(
      g,
      [rows],
      [cotangent],
      flat.map(({ node }) => node),
    );
    const back = new Map(flat.map(({ node }, i) => [node, pulled[i]!]));
    const results = new Map<Node, Node | null>();
    for (const seeds of inGroups(taps.length, flat)) {
      if (seeds.length === 0) continue;
      const first = Math.min(...seeds.map(({ place }) => place));
      const places = Array.from({ length: Math.max(...seeds.map(({ place }) => place)) - first + 1 }, (_, i) => first + i);
      const moved = ownTangents(
        g,
        places.map((place) => ({ node: rows, place })),
        seeds,
      );
      const weighed = places.map((place, i): Seed => ({
        node: cotangent,
        place,
        direction: moved[i] ? form.weigh(objective, moved[i]) : g.constant(0, rows.shape),
      }));
      const reached = seeds.filter(({ node }) => back.get(node));
      const found = ownTangents(
        g,
        reached.map(({ node, place }) => ({ node: back.get(node)!, place })),
        weighed,
      );
      reached.forEach(({ node }, i) => results.set(node, found[i]!));
    }
    return joined(g, members, results);
  };

function identity(n: number): Float64Array {
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) values[i * n + i] = 1;
  return values;
}

/**
 * For each layer the nodes between its members and its pre-activation; null where some layer gets past it, or where the examples
 * of the batch are mixed by a normalization.
 */
function localNodes({ members, taps }: LayeredObjective, rows: Node): Set<Node>[] | null {
  const order = topologicalOrder([rows]);
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
  return own.has(rows) && rows !== taps[own.get(rows)!] ? null : layers;
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

/** True where `columnBlocks` can make them: every layer reaches the rows through its pre-activation, and no example sees another's. */
export const columnsFit = (form: JacobianForm, objective: LayeredObjective): boolean =>
  localNodes(objective, form.rows(objective)) !== null;

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

/** True where the blocks of H are those of Gauss-Newton: the outputs are made of linear pieces in the weights of any one layer (ReLU, maximum pooling). */
export function linearInEachLayer(objective: LayeredObjective): boolean {
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
  return true;
}
