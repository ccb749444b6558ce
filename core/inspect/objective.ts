/** @file The loss of a given network on given data as graphs: value, gradients, and products with its Hessian, its Gauss-Newton matrix and its Jacobian. */
import { createBuilder, type Builder, type FloatType } from '../graph/builder.ts';
import { cotangents, gradient } from '../graph/differentiate.ts';
import type { Node, Shape } from '../graph/node.ts';
import type { Program } from '../graph/program.ts';
import { fisher, gaussNewton, jacobianProduct, modelFisher } from '../programs/gaussNewton.ts';
import { dimension, flatProduct, hessianProduct, type Objective, type OutputObjective } from '../programs/lanczos.ts';
import type { LayerPass, Tap } from './layers.ts';
import type { InspectLoss } from './losses.ts';

export interface ObjectiveRequest {
  readonly precision: FloatType;
  readonly inputShape: Shape;
  readonly targets: { readonly shape: Shape; readonly dtype: 'int32' | 'float' };
  /** In the order of the flat vector [P]. */
  readonly parameters: readonly Shape[];
  forward(g: Builder, x: Node, parameters: readonly Node[]): LayerPass;
  readonly loss: InspectLoss;
}

export interface InspectObjective extends OutputObjective {
  readonly targets: Node;
  readonly taps: readonly Tap[];
}

/** Held: `parameter0`, `parameter1`, …, `inputs`, `targets`. */
export function inspectObjective({ precision, inputShape, targets, parameters, forward, loss }: ObjectiveRequest): InspectObjective {
  const g = createBuilder(precision);
  const inputs = parameters.map((shape, i) => ({ name: `parameter${i}`, input: g.input(`parameter${i}`, shape) }));
  const x = g.input('inputs', inputShape);
  const y = targets.dtype === 'int32' ? g.input('targets', targets.shape, 'int32') : g.input('targets', targets.shape);
  const pass = forward(
    g,
    x,
    inputs.map(({ input }) => input),
  );
  const { outputs } = pass;
  const each = loss.each(g, outputs, y); // [B]
  return {
    g,
    outputs,
    each,
    targets: y,
    taps: pass.taps,
    ...(loss.information ? { information: (moved: Node) => loss.information!(g, outputs, moved) } : {}),
    loss: g.mul(g.sum(each), 1 / each.shape[0]!),
    parameters: inputs,
    held: [
      { name: 'inputs', input: x },
      { name: 'targets', input: y },
    ],
  };
}

const nodes = ({ parameters }: Objective): Node[] => parameters.map(({ input }) => input);

function flat(g: Builder, parts: readonly Node[]): Node {
  const rows = parts.map((part) => g.reshape(part, [1, -1]));
  return rows.length === 1 ? rows[0]! : g.concat(rows, 1); // [1, P]
}

const program = (title: string, objective: Objective, rows: Program['rows'], records: Program['records']): Program => ({
  title,
  g: objective.g,
  state: [],
  held: [...objective.parameters, ...objective.held],
  rows,
  records,
});

/** Records: `loss` [], `outputs`, `gradient` [1, P], and what else is asked for. */
export function valueProgram(objective: InspectObjective, more: Program['records'] = []): Program {
  const { g, loss, outputs } = objective;
  return program(
    'loss and gradient',
    objective,
    [],
    [
      { name: 'loss', value: loss },
      { name: 'outputs', value: outputs },
      { name: 'gradient', value: flat(g, gradient(g, loss, nodes(objective))) },
      ...more,
    ],
  );
}

/** Rows: `vector` [1, P]. Records: `product` [1, P]. */
const productProgram =
  <T extends Objective>(title: string, product: (objective: T, vectors: readonly Node[]) => Node[]) =>
  (objective: T): Program => {
    const vector = objective.g.input('vector', [1, dimension(objective)]);
    const value = flatProduct(objective, product, vector);
    return program(title, objective, [{ name: 'vector', input: vector }], [{ name: 'product', value }]);
  };

export const hessianProgram = productProgram<Objective>('Hessian product', hessianProduct);
export const gaussNewtonProgram = productProgram('Gauss-Newton product', jacobianProduct(gaussNewton));
/** The empirical one, at the given targets. */
export const fisherProgram = productProgram('Fisher product', jacobianProduct(fisher));
/** Targets are drawn by the model, in expectation. */
export const modelFisherProgram = productProgram('Fisher product of the model', jacobianProduct(modelFisher));

/** Rows: `seed`, of the outputs' or the examples' shape. Records: `product` [1, P], the gradient of Σ seed · them. */
export function pullbackProgram(objective: InspectObjective, of: 'outputs' | 'each'): Program {
  const { g } = objective;
  const seed = g.input('seed', objective[of].shape);
  const wrt = nodes(objective);
  const back = cotangents(g, [objective[of]], [seed], wrt).map((d, i) => d ?? g.constant(0, wrt[i]!.shape));
  return program(`gradients of the ${of}`, objective, [{ name: 'seed', input: seed }], [{ name: 'product', value: flat(g, back) }]);
}
