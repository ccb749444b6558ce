/**
 * @file Products with matrices of the form Jᵀ C J: Gauss-Newton, the empirical Fisher matrix and the model's. J and its transpose come from the
 * graph; for softmax cross-entropy and squared error Gauss-Newton is the Fisher matrix of the model.
 */
import type { Builder } from '../graph/builder.ts';
import { cotangents, hessianVector, tangent } from '../graph/differentiate.ts';
import type { Node } from '../graph/node.ts';
import type { OutputObjective } from './lanczos.ts';

/** Jᵀ C J: J is the derivative of `rows` in the parameters, C what is made of a movement of them. */
export interface JacobianForm {
  /** [B, …], one row an example. */
  rows(objective: OutputObjective): Node;
  /** C m for a movement m in the shape of the rows; linear. */
  weigh(objective: OutputObjective, moved: Node): Node;
}

/** C is the second derivative of the loss in the outputs. Source: Schraudolph 2002. */
export const gaussNewton: JacobianForm = {
  rows: ({ outputs }) => outputs,
  weigh: ({ g, loss, outputs }, moved) => hessianVector(g, loss, [outputs], [moved])[0]!,
};

/** The mean of g_n g_nᵀ over the examples' gradients g_n: the rows are the examples' losses. */
export const fisher: JacobianForm = {
  rows: ({ each }) => each,
  weigh: ({ g, each }, moved) => g.mul(moved, 1 / each.shape[0]!),
};

/**
 * As the empirical one, but each g_n in expectation over targets drawn from the model's own outputs. Source: Martens 2020.
 *
 * @throws RangeError from `weigh` where the loss is no negative log-likelihood
 */
export const modelFisher: JacobianForm = {
  rows: ({ outputs }) => outputs,
  weigh({ g, outputs, information }, moved) {
    if (!information) throw new RangeError('modelFisher: the loss must be a negative log-likelihood');
    return g.mul(information(moved), 1 / outputs.shape[0]!);
  },
};

/** Jᵀ C J v, in the shapes of the objective's inputs. Cost: one tangent and one reverse pass, as much as a gradient. */
export const jacobianProduct =
  (form: JacobianForm) =>
  (objective: OutputObjective, vectors: readonly Node[]): Node[] => {
    const { g, parameters } = objective;
    const inputs = parameters.map(({ input }) => input);
    const rows = form.rows(objective);
    const [moved] = tangent(g, [rows], inputs, vectors);
    return orZero(g, cotangents(g, [rows], [form.weigh(objective, moved!)], inputs), inputs);
  };

const orZero = (g: Builder, found: readonly (Node | null)[], like: readonly Node[]): Node[] =>
  found.map((node, i) => node ?? g.constant(0, like[i]!.shape));
