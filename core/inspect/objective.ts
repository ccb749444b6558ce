/** @file The loss of a given network on given data as graphs: value, gradients, and products with its Hessian, its Gauss-Newton matrix and its Jacobian. */
import { createBuilder, type Builder, type FloatType } from '../graph/builder.ts';
import { cotangents, gradient, hessianVector, tangent } from '../graph/differentiate.ts';
import { sizeOf, type Node, type Shape } from '../graph/node.ts';
import type { Program } from '../graph/program.ts';
import { dimension, flatHessianVector, type Objective } from '../programs/lanczos.ts';
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

export interface InspectObjective extends Objective {
  readonly outputs: Node; // [B, …]
  readonly each: Node; // [B]
  readonly targets: Node;
  readonly taps: readonly Tap[];
  /** Zeros that are added to the outputs: what derivatives with respect to the outputs are taken of. */
  readonly shift: Node; // as outputs
  /** Fisher information of the outputs times a vector; none where the loss is no negative log-likelihood. */
  readonly information?: (moved: Node) => Node;
}

/** Held: `parameter0`, `parameter1`, …, `inputs`, `targets`, `shift` (zeros). */
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
  const shift = g.input('shift', pass.outputs.shape);
  const outputs = g.add(pass.outputs, shift);
  const each = loss.each(g, outputs, y); // [B]
  return {
    g,
    outputs,
    each,
    targets: y,
    taps: pass.taps,
    shift,
    ...(loss.information ? { information: (moved: Node) => loss.information!(g, outputs, moved) } : {}),
    loss: g.mul(g.sum(each), 1 / each.shape[0]!),
    parameters: inputs,
    held: [
      { name: 'inputs', input: x },
      { name: 'targets', input: y },
      { name: 'shift', input: shift },
    ],
  };
}

const nodes = ({ parameters }: Objective): Node[] => parameters.map(({ input }) => input);

function flat(g: Builder, parts: readonly Node[]): Node {
  const rows = parts.map((part) => g.reshape(part, [1, -1]));
  return rows.length === 1 ? rows[0]! : g.concat(rows, 1); // [1, P]
}

function parted({ g, parameters }: Objective, vector: Node): Node[] {
  let offset = 0;
  return parameters.map(({ input }) => {
    const start = offset;
    offset += sizeOf(input.shape);
    return g.reshape(g.slice(vector, 1, start, offset), input.shape);
  });
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

/** Rows: `vector` [1, P]. Records: `product` [1, P], the Hessian's. */
export function hessianProgram(objective: Objective): Program {
  const vector = objective.g.input('vector', [1, dimension(objective)]);
  return program(
    'Hessian product',
    objective,
    [{ name: 'vector', input: vector }],
    [{ name: 'product', value: flatHessianVector(objective, vector) }],
  );
}

/** Rows: `vector` [1, P]. Records: `product` [1, P] of the generalized Gauss-Newton matrix Jᵀ (∂²loss/∂outputs²) J. Source: Schraudolph 2002. */
export function gaussNewtonProgram(objective: InspectObjective): Program {
  const { g, loss, outputs, shift } = objective;
  const vector = g.input('vector', [1, dimension(objective)]);
  const wrt = nodes(objective);
  const moved = tangent(g, [outputs], wrt, parted(objective, vector)); // J v
  const bent = hessianVector(g, loss, [shift], moved);
  const back = cotangents(g, [outputs], bent, wrt).map((d, i) => d ?? g.constant(0, wrt[i]!.shape));
  return program('Gauss-Newton product', objective, [{ name: 'vector', input: vector }], [{ name: 'product', value: flat(g, back) }]);
}

/** Rows: `vector` [1, P]. Records: `product` [1, P] of the empirical Fisher matrix, the mean of gᵢ gᵢᵀ over the examples' gradients. */
export function fisherProgram(objective: InspectObjective): Program {
  const { g, each } = objective;
  const vector = g.input('vector', [1, dimension(objective)]);
  const wrt = nodes(objective);
  const [moved] = tangent(g, [each], wrt, parted(objective, vector)); // [B]
  const back = cotangents(g, [each], [g.mul(moved!, 1 / each.shape[0]!)], wrt).map((d, i) => d ?? g.constant(0, wrt[i]!.shape));
  return program('Fisher product', objective, [{ name: 'vector', input: vector }], [{ name: 'product', value: flat(g, back) }]);
}

/** Rows: `vector` [1, P]. Records: `product` [1, P] of the model's Fisher matrix: targets are drawn by the model, in expectation. */
export function modelFisherProgram(objective: InspectObjective): Program {
  const { g, outputs, each, information } = objective;
  if (!information) throw new RangeError('modelFisherProgram: the loss must be a negative log-likelihood');
  const vector = g.input('vector', [1, dimension(objective)]);
  const wrt = nodes(objective);
  const [moved] = tangent(g, [outputs], wrt, parted(objective, vector));
  const seed = g.mul(information(moved!), 1 / each.shape[0]!);
  const back = cotangents(g, [outputs], [seed], wrt).map((d, i) => d ?? g.constant(0, wrt[i]!.shape));
  return program(
    'Fisher product of the model',
    objective,
    [{ name: 'vector', input: vector }],
    [{ name: 'product', value: flat(g, back) }],
  );
}

/** Rows: `seed`, of the outputs' or the examples' shape. Records: `product` [1, P], the gradient of Σ seed · them. */
export function pullbackProgram(objective: InspectObjective, of: 'outputs' | 'each'): Program {
  const { g } = objective;
  const seed = g.input('seed', objective[of].shape);
  const wrt = nodes(objective);
  const back = cotangents(g, [objective[of]], [seed], wrt).map((d, i) => d ?? g.constant(0, wrt[i]!.shape));
  return program(`gradients of the ${of}`, objective, [{ name: 'seed', input: seed }], [{ name: 'product', value: flat(g, back) }]);
}
