/** @file Programs on the Hessian of a loss: products for many vectors, the gradient. */
import type { Builder } from '../graph/builder.ts';
import { cut, factored, gathered, stacked, turned } from '../graph/cut.ts';
import { gradient, hessianVector } from '../graph/differentiate.ts';
import { sizeOf, type Node } from '../graph/node.ts';
import { summedFirst } from '../graph/marginals.ts';
import { channelwise } from '../graph/channelwise.ts';
import { topologicalOrder } from '../graph/order.ts';
import type { Program } from '../graph/program.ts';
import { simplify } from '../graph/simplify.ts';

/** A loss on the curvature batch, as a function of parameter tensors that a training program holds. */
export interface Objective {
  readonly g: Builder;
  readonly loss: Node; // []
  /** Inputs with respect to which the Hessian is taken; a vector [P] is their values one after another. */
  readonly parameters: readonly { readonly name: string; readonly input: Node }[];
  /** Everything else the loss reads: batch, targets, fixed parameters. */
  readonly held: readonly { readonly name: string; readonly input: Node }[];
}

/** An objective whose outputs are known: what Gauss-Newton and Fisher products take. */
export interface OutputObjective extends Objective {
  /** Loss of each example, whose mean is the loss. */
  readonly each: Node; // [B]
  readonly outputs: Node; // [B, …]
  /** Fisher information of each example's outputs times a vector [B, …]; none where the loss is no negative log-likelihood. */
  readonly information?: (moved: Node) => Node;
}

/** And whose layers are: what blocks take. The outputs are [B, K]. */
export interface LayeredObjective extends OutputObjective {
  /** What each input [G, …] is cut into, by the nodes through which all of the loss reads it, and the layer each belongs to. */
  readonly members: readonly (readonly { readonly node: Node; readonly layer: number }[])[];
  /** For each layer the node that its kernel and bias lead to before anything else does: its pre-activation, [B, …]. */
  readonly taps: readonly Node[];
}

/** P, the number of values of all parameters. */
export const dimension = ({ parameters }: Objective): number => parameters.reduce((sum, { input }) => sum + sizeOf(input.shape), 0);

/** A symmetric matrix as its product with a vector, both in the shapes of the objective's inputs. */
export type Product = (objective: LayeredObjective, vectors: readonly Node[]) => Node[];

/** H v, exact. */
export function hessianProduct({ g, loss, parameters }: Objective, vectors: readonly Node[]): Node[] {
  const inputs = parameters.map(({ input }) => input);
  return hessianVector(g, channelwise(g, loss, inputs), inputs, vectors);
}

/** The product with a vector laid out as [1, P]. */
export function flatProduct<T extends Objective>(
  objective: T,
  product: (objective: T, vectors: readonly Node[]) => Node[],
  vector: Node,
): Node {
  const { g, parameters } = objective;
  return flattened(g, product(objective, unflattened(g, parameters, vector)));
}

/** H v for a vector laid out as [1, P]. */
export const flatHessianVector = (objective: Objective, vector: Node): Node => flatProduct(objective, hessianProduct, vector);

/** [1, P] → the shapes of the parameters. */
function unflattened(g: Builder, parameters: Objective['parameters'], vector: Node): Node[] {
  let offset = 0;
  return parameters.map(({ input }) => {
    const start = offset;
    offset += sizeOf(input.shape);
    return g.reshape(parameters.length === 1 ? vector : g.slice(vector, 1, start, offset), input.shape);
  });
}

const flattened = (g: Builder, parts: readonly Node[]): Node =>
  g.concat(
    parts.map((part) => g.reshape(part, [1, -1])),
    1,
  ); // [1, P]

/** The same values where `moving` changes from call to call and all else stays: what stays is put together, so that less is left for each call. */
export function thrifty(g: Builder, outputs: readonly Node[], moving: readonly Node[]): Node[] {
  const simple = simplify(g, outputs, { wholeSums: true });
  return [gathered, summedFirst, factored, summedFirst, turned].reduce((nodes, pass) => pass(g, nodes, moving), simple);
}

/** Of 300 layers of 40 the products take 18 ms in place of 38 so, and what they share 10 in place of 37; with 8,192 values it made no difference. */
const smallValues = 4_096;

/**
 * A product for many vectors at the same weights: `prepare` computes what does not depend on the vector, once, and `each` the product from
 * that: six matrix products a layer, where a product by itself takes those of the gradient again.
 *
 * Records of `prepare`, which `each` holds: `kept.0`, …. `each` holds `vector.<name>` for every parameter too, of its shape, and records
 * `product.<name>`.
 */
export function productPrograms<T extends Objective>(
  objective: T,
  product: (objective: T, vectors: readonly Node[]) => Node[] = hessianProduct,
): { prepare: Program | null; each: Program } {
  const { g, parameters, held } = objective;
  const vectors = parameters.map(({ name, input }) => ({ name: `vector.${name}`, input: g.input(`vector.${name}`, input.shape) }));
  const moving = vectors.map(({ input }) => input);
  const products = thrifty(g, product(objective, moving), moving);
  const { kept, outputs } = stacked(g, cut(g, products, moving), smallValues);
  const read = new Set(topologicalOrder(outputs));
  const fixed = [...parameters, ...held];
  return {
    prepare:
      kept.length === 0
        ? null
        : {
            title: 'what products share',
            g,
            state: [],
            held: fixed,
            rows: [],
            records: kept.map(({ value }, i) => ({ name: `kept.${i}`, value })),
          },
    each: {
      title: 'product',
      g,
      state: [],
      held: [...vectors, ...kept.map(({ input }, i) => ({ name: `kept.${i}`, input })), ...fixed.filter(({ input }) => read.has(input))],
      rows: [],
      records: parameters.map(({ name }, i) => ({ name: `product.${name}`, value: outputs[i]! })),
    },
  };
}

/** Records: `gradient` [1, P] of the loss. */
export function gradientProgram({ g, loss, parameters, held }: Objective): Program {
  const slopes = gradient(
    g,
    loss,
    parameters.map(({ input }) => input),
  );
  return {
    title: 'gradient on the curvature batch',
    g,
    state: [],
    held: [...parameters, ...held],
    rows: [],
    records: [{ name: 'gradient', value: flattened(g, slopes) }],
  };
}
