/** @file Programs on the Hessian of a loss: Lanczos with its basis inside the runtime, stochastic traces, and combinations of the basis. */
import type { Builder } from '../graph/builder.ts';
import { gradient, hessianVector } from '../graph/differentiate.ts';
import { sizeOf, type Node } from '../graph/node.ts';
import type { Program } from '../graph/program.ts';

/** A loss on the curvature batch, as a function of parameter tensors that a training program holds. */
export interface Objective {
  readonly g: Builder;
  readonly loss: Node; // []
  /** Inputs with respect to which the Hessian is taken; a vector [P] is their values one after another. */
  readonly parameters: readonly { readonly name: string; readonly input: Node }[];
  /** Everything else the loss reads: batch, targets, fixed parameters. */
  readonly held: readonly { readonly name: string; readonly input: Node }[];
}

/** An objective whose layers are known: what blocks, Gauss-Newton and Fisher products take. */
export interface LayeredObjective extends Objective {
  /** Loss of each example, whose mean is the loss. */
  readonly each: Node; // [B]
  readonly outputs: Node; // [B, K]
  /** Fisher information of each example's outputs times a vector [B, K]; none where the loss is no negative log-likelihood. */
  readonly information?: (moved: Node) => Node;
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
export const hessianProduct = ({ g, loss, parameters }: Objective, vectors: readonly Node[]): Node[] =>
  hessianVector(
    g,
    loss,
    parameters.map(({ input }) => input),
    vectors,
  );

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

/**
 * Lanczos with full reorthogonalization in every step: row j of `basis` [R+1, P] is q_j; step j makes q_{j+1}.
 *
 * Row 0 of the first state is the start vector, of unit norm and zero where the `mask` [1, P] is; the other rows are zero.
 * A mask of ones gives the whole Hessian, ones on one layer give that layer's block. The pass over the basis comes after the three-term
 * recurrence: a single pass by itself showed, in float32 on a positive spectrum of twelve decades, -1,620 beside a largest value of 1e6; the
 * two together show none on four graded spectra with 40 starts each. None at all makes ghosts.
 *
 * Rows: `row` int32 [1] = j, `rowBefore` [1] = j - 1 (R, which is still zero, for j = 0) and `next` [R+1, 1], the unit vector e_{j+1}. Records: `alpha` [], `beta` [] (read by `ritzSpectrum`).
 */
export function lanczosProgram<T extends Objective>(
  objective: T,
  rank: number,
  product: (objective: T, vectors: readonly Node[]) => Node[] = hessianProduct,
): Program {
  const { g, parameters, held } = objective;
  const size = dimension(objective);
  const basis = g.input('basis', [rank + 1, size]);
  const mask = g.input('mask', [1, size]);
  const row = g.input('row', [1], 'int32');
  const rowBefore = g.input('rowBefore', [1], 'int32');
  const next = g.input('next', [rank + 1, 1]);
  const v = g.gather(basis, row); // [1, P]
  const w = g.mul(flatProduct(objective, product, g.mul(v, mask)), mask); // [1, P]
  const alpha = g.sum(g.mul(v, w));
  const before = g.gather(basis, rowBefore); // [1, P]
  // the recurrence leaves only what rounding made, and one pass over the basis takes that away
  const short = g.sub(g.sub(w, g.mul(v, alpha)), g.mul(before, g.sum(g.mul(before, w))));
  const shares = g.matMul(basis, g.reshape(short, [size, 1])); // [R+1, 1]; rows to come are zero
  const rest = g.sub(short, g.matMul(g.reshape(shares, [1, rank + 1]), basis));
  const beta = g.norm(rest);
  const q = g.div(rest, g.maximum(beta, 1e-30)); // an exhausted space leaves rounding noise, cut off on the host
  return {
    title: `lanczos, rank ${rank}`,
    g,
    state: [{ name: 'basis', input: basis, next: g.add(basis, g.matMul(next, q)) }],
    held: [...parameters, ...held, { name: 'mask', input: mask }],
    rows: [
      { name: 'row', input: row },
      { name: 'rowBefore', input: rowBefore },
      { name: 'next', input: next },
    ],
    records: [
      { name: 'alpha', value: alpha },
      { name: 'beta', value: beta },
    ],
  };
}

/** `coefficients` [1, R+1] of the basis → the vector [1, P]: Ritz vectors for the next measurement's warm start. */
export function combineProgram(g: Builder, rank: number, size: number): Program {
  const basis = g.input('basis', [rank + 1, size]);
  const coefficients = g.input('coefficients', [1, rank + 1]);
  return {
    title: 'combination of the Lanczos basis',
    g,
    state: [],
    held: [{ name: 'basis', input: basis }],
    rows: [{ name: 'coefficients', input: coefficients }],
    records: [{ name: 'vector', value: g.matMul(coefficients, basis) }],
  };
}

/**
 * One probe a step: z ∘ Az and ‖Az‖, summed over each member of each stack. For probes of independent signs the expectation of the first
 * is the trace of the member's diagonal block (Hutchinson 1990) and that of the second, squared, the square sum of the member's rows: one
 * probe serves every layer and the whole network at once.
 *
 * Rows: `probe` [1, P]. Records: `traces` [M] and `norms` [M], members of the stacks [G, …] in order.
 */
export function traceProgram<T extends Objective>(
  objective: T,
  product: (objective: T, vectors: readonly Node[]) => Node[] = hessianProduct,
): Program {
  const { g, parameters, held } = objective;
  const probe = g.input('probe', [1, dimension(objective)]);
  const vectors = unflattened(g, parameters, probe);
  const products = product(objective, vectors);
  const rows = (x: Node) => g.reshape(x, [x.shape[0]!, -1]); // [G, n]
  return {
    title: 'trace',
    g,
    state: [],
    held: [...parameters, ...held],
    rows: [{ name: 'probe', input: probe }],
    records: [
      {
        name: 'traces',
        value: g.concat(
          products.map((w, i) => g.sum(g.mul(rows(vectors[i]!), rows(w)), [1])),
          0,
        ),
      },
      {
        name: 'norms',
        value: g.concat(
          products.map((w) => g.norm(rows(w), [1])),
          0,
        ),
      },
    ],
  };
}

/**
 * Off-diagonal blocks: a step is one layer's part of the probe. ‖(H z_l)_k‖² has the expectation ‖H_kl‖_F² for probes of independent signs.
 *
 * Held: `probe` [1, P], `owners` [1, P], each value's layer. Rows: `layer` []. Records: `norms` [M], of the members k.
 */
export function crossProgram(objective: Objective): Program {
  const { g, parameters, held } = objective;
  const size = dimension(objective);
  const probe = g.input('probe', [1, size]);
  const owners = g.input('owners', [1, size]);
  const layer = g.input('layer', []);
  const products = hessianProduct(objective, unflattened(g, parameters, g.mul(probe, g.equal(owners, layer))));
  return {
    title: 'norms of the blocks',
    g,
    state: [],
    held: [...parameters, ...held, { name: 'probe', input: probe }, { name: 'owners', input: owners }],
    rows: [{ name: 'layer', input: layer }],
    records: [
      {
        name: 'norms',
        value: g.concat(
          products.map((w) => g.norm(g.reshape(w, [w.shape[0]!, -1]), [1])),
          0,
        ),
      },
    ],
  };
}

/** The quotient vᵀHv/‖v‖² along the gradient of the loss. Records: `along` [], `length` [], the gradient's norm. */
export function gradientProgram(objective: Objective): Program {
  const { g, loss, parameters, held } = objective;
  const inputs = parameters.map(({ input }) => input);
  const slope = flattened(g, gradient(g, loss, inputs)); // [1, P]
  const length = g.norm(slope);
  const unit = g.stopGradient(g.div(slope, g.maximum(length, 1e-30)));
  return {
    title: 'curvature along the gradient',
    seldom: true,
    g,
    state: [],
    held: [...parameters, ...held],
    rows: [],
    records: [
      { name: 'along', value: g.sum(g.mul(unit, flatHessianVector(objective, unit))) },
      { name: 'length', value: length },
    ],
  };
}

/** H v. Rows: `direction` [1, P]. Records: `product` [1, P]. */
export function productProgram(objective: Objective): Program {
  const { g, parameters, held } = objective;
  const direction = g.input('direction', [1, dimension(objective)]);
  return {
    title: 'product with the Hessian',
    seldom: true,
    g,
    state: [],
    held: [...parameters, ...held],
    rows: [{ name: 'direction', input: direction }],
    records: [{ name: 'product', value: flatHessianVector(objective, direction) }],
  };
}
