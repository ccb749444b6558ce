/**
 * @file The plan of a run: which entries its spec names, its parameters stacked, its initial values.
 *
 * Parameters of equal shape, role and treatment lie in one stack [G, …], so that optimizer, regularizer and metrics are a few nodes for
 * a thousand narrow layers. Wide ones stay alone: cutting a member off its stack copies it, which costs less than a node up to about
 * 16,384 values.
 */
import { entry } from '../catalog.ts';
import type {
  Activation,
  Calibration,
  Clipping,
  Data,
  DataSize,
  Init,
  InitRequest,
  Loss,
  NetworkPlan,
  Optimizer,
  Options,
  Parameter,
  ParameterRole,
  Pass,
  PassContext,
  Regularizer,
} from '../define.ts';
import { createBuilder, type Builder, type FloatType } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { sizeOf, type Node, type Shape, type Values } from '../graph/node.ts';
import { rng } from '../rng.ts';
import type { Spec } from '../spec.ts';
import { depthPaths } from './depthPaths.ts';
import { calibrationOf, placeOf, scalingsOf, type Factors } from './scalings.ts';

/** Parameters that are updated together. */
export interface Stack {
  /** Name of the state tensor, from the first member: `layer2.weight`. */
  readonly name: string;
  readonly role: ParameterRole;
  readonly shape: Shape; // [G, …]
  readonly members: readonly Parameter[];
  /** What the regularizer does to it; null where it is left alone. */
  readonly treatment: string | null;
  /** Never updated. */
  readonly frozen: boolean;
}

export interface RunPlan {
  readonly spec: Spec;
  readonly precision: FloatType;
  readonly network: NetworkPlan;
  readonly stacks: readonly Stack[];
  readonly activation: Activation;
  readonly optimizer: Optimizer;
  readonly clipping: Clipping;
  readonly regularizer: Regularizer;
  /** What the parameterization does to each parameter. */
  readonly scalings: ReadonlyMap<Parameter, Factors>;
  /** How the rates of the first steps are found on the data; null where they are not. */
  readonly calibration: Calibration | null;
  readonly loss: Loss;
  /** For each layer, its kernel's place when the weight stacks are put one behind the other. */
  readonly kernelOrder: Int32Array; // [L]
  readonly parameterCount: number;
  readonly data: DataShape;
}

/** What of the data the graphs depend on. */
export interface DataShape extends DataSize {
  readonly targets: 'labels' | 'values';
}

/** What the graphs of a run on these data depend on. */
export const dataShape = ({ inputSize, outputSize, labels, imageShape }: Data): DataShape => ({
  inputs: inputSize,
  outputs: outputSize,
  targets: labels ? 'labels' : 'values',
  ...(imageShape ? { imageShape } : {}),
});

const stackLimit = 16_384;

/** @param groupLimit values up to which parameters share a stack; 0 leaves each alone */
export function planRun(spec: Spec, data: DataShape, { groupLimit = stackLimit } = {}): RunPlan {
  const regularizer = entry('regularizer', spec.regularizer.kind);
  const network = entry('network', spec.network.kind).plan(spec.network, data);
  const treatment = (parameter: Parameter) => regularizer.treatment(parameter, network.layers[parameter.layer]!, spec.regularizer);
  const stacks = stackParameters(network.parameters, treatment, groupLimit);
  const kernels = stacks.filter(({ role }) => role === 'weight').flatMap(({ members }) => members);
  const kernelOrder = Int32Array.from(network.layers, (_, layer) => kernels.findIndex((parameter) => parameter.layer === layer));
  return {
    spec,
    precision: spec.runtime.precision,
    network,
    stacks,
    activation: entry('activation', spec.activation.kind),
    optimizer: entry('optimizer', spec.optimizer.kind),
    clipping: entry('clipping', spec.clipping.kind),
    regularizer,
    scalings: scalingsOf(network, spec),
    calibration: calibrationOf(spec),
    loss: entry('loss', spec.loss.kind),
    kernelOrder,
    parameterCount: network.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    data,
  };
}

function stackParameters(parameters: readonly Parameter[], treatment: (p: Parameter) => string | null, groupLimit: number): Stack[] {
  const groups = new Map<string, Parameter[]>();
  for (const parameter of parameters) {
    const alone = sizeOf(parameter.shape) > groupLimit;
    const key = alone
      ? parameter.name
      : [parameter.role, parameter.shape, treatment(parameter), parameter.frozen, parameter.initial, parameter.prunedBelow].join();
    const group = groups.get(key);
    if (group) group.push(parameter);
    else groups.set(key, [parameter]);
  }
  return [...groups.values()].map((members) => {
    const [first] = members as [Parameter];
    return {
      name: first.name,
      role: first.role,
      shape: [members.length, ...first.shape],
      members,
      treatment: treatment(first),
      frozen: first.frozen === true,
    };
  });
}

/**
 * The weights of step 0, in float64: drawn from a stream per parameter, fitted to data, scaled by the parameterization, then put in order by
 * the regularizer.
 *
 * @param fit where the init wants data: changes the drawn weights (by stack) in place
 */
export function initialWeights(plan: RunPlan, fit: (weights: Map<string, Float64Array>) => void = () => {}): Map<string, Float64Array> {
  const { spec, network, stacks, regularizer, scalings } = plan;
  const positions = new Map(network.parameters.map((parameter, i) => [parameter, i]));
  const drawn = drawAll(plan, entry('init', spec.init.kind));
  const weights = new Map(
    stacks.map(({ name, role, shape, members }) => {
      const values = new Float64Array(sizeOf(shape)).fill(members[0]!.initial ?? (role === 'scale' ? 1 : 0));
      members.forEach((parameter, g) => values.set(drawn.get(parameter) ?? [], (g * values.length) / members.length));
      return [name, values];
    }),
  );
  fit(weights);
  for (const { name, role, shape, members, treatment } of stacks) {
    const size = sizeOf(shape.slice(1));
    members.forEach((parameter, g) => {
      if (parameter.examples) return; // data, whatever the width
      const own = weights.get(name)!.subarray(g * size, (g + 1) * size);
      const { initial, mean, deviation } = scalings.get(parameter)!;
      if (deviation !== null) {
        const random = rng(spec.seed, 'init', positions.get(parameter)!, 1); // apart from the init's own stream
        own.forEach((_, i) => (own[i] = deviation * random.normal()));
      } else if (role === 'weight' || role === 'bias') own.forEach((value, i) => (own[i] = initial * value + mean));
      if (role === 'weight' && treatment !== null && regularizer.initial)
        own.set(regularizer.initial(own.slice(), parameter.shape, spec.regularizer, treatment));
    });
  }
  return weights;

  function drawAll({ spec }: RunPlan, init: Init): Map<Parameter, Float64Array> {
    const result = new Map<Parameter, Float64Array>();
    const stream = (parameter: Parameter) => rng(spec.seed, 'init', positions.get(parameter)!);
    const request = initRequests(plan);
    const kernels = network.parameters.filter(({ role }) => role === 'weight');
    if (init.drawSeries)
      for (const path of depthPaths(network)) {
        const members = path.map((of) => kernels.find(({ layer }) => layer === of)!);
        const together = init.drawSeries(stream(members[0]!), members.map(request), spec.init);
        members.forEach((parameter, i) => result.set(parameter, together[i]!));
      }
    for (const parameter of kernels)
      if (!result.has(parameter)) result.set(parameter, init.draw(stream(parameter), request(parameter), spec.init));
    if (init.bias)
      for (const parameter of network.parameters)
        if (parameter.role === 'bias') result.set(parameter, init.bias(stream(parameter), request(parameter), spec.init));
    return result;
  }
}

/** An activation and its derivative in plain numbers. */
export const activationValues =
  (activation: Activation, options: Options): InitRequest['activation'] =>
  (points) => {
    const g = createBuilder('float64');
    const x = g.input('x', [points.length]);
    const y = activation.apply(g, x, options);
    const [value, slope] = evaluate([y, ...gradient(g, g.sum(y), [x])], { x: points }) as [Float64Array, Float64Array];
    return { value, slope };
  };

/** What an init is told about each parameter. */
function initRequests({ spec, network, activation }: RunPlan): (parameter: Parameter) => InitRequest {
  const blockOf = ({ name }: Parameter) => name.split('.').slice(0, -2).join('.');
  const branches = network.parameters.filter(({ role, layer }) => role === 'weight' && network.layers[layer]!.kind === 'branch');
  const blocks = Map.groupBy(branches, blockOf);
  const values = activationValues(activation, spec.activation);
  return (parameter) => {
    const { kind } = network.layers[parameter.layer]!;
    const block = kind === 'branch' ? blocks.get(blockOf(parameter)) : undefined;
    const index = block?.indexOf(parameter) ?? -1;
    const branch = block && index >= 0 ? { index, of: block.length, blocks: blocks.size } : null;
    const place = placeOf(network, parameter.layer);
    return { shape: parameter.shape, fanIn: parameter.fanIn, fanOut: parameter.fanOut, kind, place, branch, activation: values };
  };
}

/** Inputs of a graph that hold the stacks, under the same names in every program, so that programs share handles. */
export function stackInputs(g: Builder, { stacks }: RunPlan): { name: string; input: Node }[] {
  return stacks.map(({ name, shape }) => ({ name, input: g.input(name, shape) }));
}

/** The shape [G, 1, …] of a number per member of a stack [G, …]. */
export const ofMembers = (shape: Shape): Shape => shape.map((n, axis) => (axis === 0 ? n : 1));

/** One member of a stack, [1, …]. */
export const memberOf = (g: Builder, stack: Node, member: number): Node => g.slice(stack, 0, member, member + 1);

/** Parameters by name, cut off the stacks; asked again, the same node. */
export function parameterOf(g: Builder, plan: RunPlan, inputs: readonly Node[]): (name: string) => Node {
  const places = new Map(plan.stacks.flatMap(({ members }, stack) => members.map(({ name }, member) => [name, { stack, member }])));
  return (name) => {
    const { stack, member } = places.get(name)!;
    const cut = memberOf(g, inputs[stack]!, member);
    return plan.stacks[stack]!.role === 'weight' ? g.reshape(cut, plan.stacks[stack]!.shape.slice(1)) : cut; // a row [1, N] broadcasts as it is
  };
}

/** The forward pass of the run's network, its parameters cut off the stacks; `drawn` is what training steps do, taps are before dropout. */
export function forwardPass(
  g: Builder,
  plan: RunPlan,
  inputs: readonly Node[],
  x: Node,
  statisticsRows: number,
  drawn: Pick<PassContext, 'dropout' | 'uniform'> = { dropout: (node) => node },
): Pass {
  const parameter = parameterOf(g, plan, inputs);
  const everywhere = plan.regularizer.dropout?.(plan.spec.regularizer) ?? 0;
  const whole = new Map<Node, Node>();
  const activation = (node: Node) => {
    const applied = plan.activation.apply(g, node, plan.spec.activation);
    const left = drawn.dropout(applied, everywhere);
    whole.set(left, applied);
    return left;
  };
  const { taps, ...pass } = plan.network.forward(g, { x, parameter, activation, ...drawn, statisticsRows });
  return { ...pass, taps: taps.map((tap) => ({ ...tap, activation: whole.get(tap.activation) ?? tap.activation })) };
}

/** Loss of each example, [B]. */
export const eachLoss = (g: Builder, { loss, spec }: RunPlan, outputs: Node, targets: Node): Node =>
  loss.each(g, outputs, targets, spec.loss);

/** Mean loss of the examples, []. */
export function meanLoss(g: Builder, plan: RunPlan, outputs: Node, targets: Node): Node {
  return g.mul(g.sum(eachLoss(g, plan, outputs, targets)), 1 / outputs.shape[0]!);
}

/** 1 where the largest output is the label, [B]; null for float targets. */
export function hits(g: Builder, outputs: Node, targets: Node): Node | null {
  if (targets.dtype !== 'int32') return null;
  return g.equal(g.cast(g.argMax(outputs, 1), g.precision), g.cast(targets, g.precision));
}

/** The input for targets of `rows` examples. */
export function targetInput(g: Builder, name: string, { data }: RunPlan, rows: number): Node {
  return data.targets === 'labels' ? g.input(name, [rows], 'int32') : g.input(name, [rows, data.outputs]);
}

/** float64 or int32 values in the type a runtime takes. */
export function typed(values: Values, dtype: FloatType | 'int32'): Values {
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values);
  if (dtype === 'float64') return values instanceof Float64Array ? values : Float64Array.from(values);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}
