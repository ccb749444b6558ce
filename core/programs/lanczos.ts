/** @file Programs on the Hessian of a loss: Lanczos with its basis inside the runtime, stochastic traces, and combinations of the basis. */
import type { Builder } from '../graph/builder.ts';
import { hessianVector } from '../graph/differentiate.ts';
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

/** P, the number of values of all parameters. */
export const dimension = ({ parameters }: Objective): number => parameters.reduce((sum, { input }) => sum + sizeOf(input.shape), 0);

/** H v for a vector laid out as [1, P]. */
export function flatHessianVector({ g, loss, parameters }: Objective, vector: Node): Node {
  let offset = 0;
  const vectors = parameters.map(({ input }) => {
    const start = offset;
    offset += sizeOf(input.shape);
    return g.reshape(parameters.length === 1 ? vector : g.slice(vector, 1, start, offset), input.shape);
  });
  const products = hessianVector(
    g,
    loss,
    parameters.map(({ input }) => input),
    vectors,
  ).map((product) => g.reshape(product, [1, -1]));
  return products.length === 1 ? products[0]! : g.concat(products, 1); // [1, P]
}

/**
 * Lanczos with one full reorthogonalization a step: row j of `basis` [R+1, P] is q_j; step j makes q_{j+1}.
 *
 * Row 0 of the first state is the start vector, of unit norm and zero where the `mask` [1, P] is; the other rows are zero.
 * A mask of ones gives the whole Hessian, ones on one layer give that layer's block. One pass is enough in float32:
 * it leaves |QᵀQ - I| at 1e-6, a second pass changes nothing, none at all makes ghosts.
 *
 * Rows: `row` int32 [1] = j and `next` [R+1, 1], the unit vector e_{j+1}. Records: `alpha` [], `beta` [] (read by `ritzSpectrum`).
 */
export function lanczosProgram(objective: Objective, rank: number): Program {
  const { g, parameters, held } = objective;
  const size = dimension(objective);
  const basis = g.input('basis', [rank + 1, size]);
  const mask = g.input('mask', [1, size]);
  const row = g.input('row', [1], 'int32');
  const next = g.input('next', [rank + 1, 1]);
  const v = g.gather(basis, row); // [1, P]
  const w = g.mul(flatHessianVector(objective, g.mul(v, mask)), mask); // [1, P]
  const projections = g.matMul(basis, w, { transposeB: true }); // [R+1, 1], zero for the rows to come
  const rest = g.sub(w, g.matMul(projections, basis, { transposeA: true })); // [1, P]
  const beta = g.norm(rest);
  const q = g.div(rest, g.maximum(beta, 1e-30)); // an exhausted space leaves rounding noise, cut off on the host
  return {
    title: `lanczos, rank ${rank}`,
    g,
    state: [{ name: 'basis', input: basis, next: g.add(basis, g.matMul(next, q)) }],
    held: [...parameters, ...held, { name: 'mask', input: mask }],
    rows: [
      { name: 'row', input: row },
      { name: 'next', input: next },
    ],
    records: [
      { name: 'alpha', value: g.sum(g.mul(v, w)) },
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
 * One probe a step: z ∘ Hz, summed over each member of each stack. For probes of independent signs the expectation is the trace of the
 * member's diagonal block (Hutchinson 1990), so one probe serves every layer and the whole network at once.
 *
 * Rows: `probe` [1, P]. Records: `traces` [M], members of the stacks [G, …] in order.
 */
export function traceProgram(objective: Objective): Program {
  const { g, parameters, held } = objective;
  const probe = g.input('probe', [1, dimension(objective)]);
  const products = g.mul(probe, flatHessianVector(objective, probe)); // [1, P]
  let offset = 0;
  const members = parameters.map(({ input }) => {
    const start = offset;
    offset += sizeOf(input.shape);
    return g.sum(g.reshape(g.slice(products, 1, start, offset), [input.shape[0]!, -1]), [1]); // [G]
  });
  return {
    title: 'trace of the Hessian',
    g,
    state: [],
    held: [...parameters, ...held],
    rows: [{ name: 'probe', input: probe }],
    records: [{ name: 'traces', value: members.length === 1 ? members[0]! : g.concat(members, 0) }],
  };
}
