/** @file From a question to what is computed: the network with its weights, the data, the loss. */
import { catalog, entry } from '#core/catalog.ts';
import type { Layer, PassContext } from '#core/define.ts';
import type { Builder } from '#core/graph/builder.ts';
import { sizeOf, type Node, type Shape } from '#core/graph/node.ts';
import { layerKinds } from '#core/inspect/kinds.ts';
import {
  LayerFault,
  layerNetwork,
  type ChosenActivation,
  type LayerNetwork,
  type LayerPass,
  type ParameterSlot,
} from '#core/inspect/layers.ts';
import { inspectLosses, ofCatalog, type InspectLoss } from '#core/inspect/losses.ts';
import { needsStatistics } from '#core/programs/evaluation.ts';
import { initialWeights, planRun, type RunPlan } from '#core/programs/plan.ts';
import { parseSpec, SpecError, type Spec } from '#core/spec.ts';
import type { ArrayFiles } from './files.ts';
import { chosenOptions, isFault } from './options.ts';
import { fedSlot, givenParameters, matchParameters, givenShapes, readInitial, unflattened, type NamedTensor } from './parameters.ts';
import { InspectRefusal, refuse, show } from './refusal.ts';
import { lossNames, type InspectRequest } from './request.ts';
import { readHeldOut, readTargets } from './targets.ts';
import { readTensor, type Tensor } from './tensors.ts';

/** Parameters of one layer: a diagonal block of the Hessian. */
export interface Block {
  readonly name: string;
  /** Indices into the parameters, ascending: rows and columns of its matrix stand in the order of the flat vector. */
  readonly members: readonly number[];
  /** The kernel among them; -1 where there is none. */
  readonly kernel: number;
  /** Its place among the taps; -1 where it has none. */
  readonly tap: number;
}

export interface Subject {
  /** In the order of the flat vector. */
  readonly parameters: readonly NamedTensor[];
  /** The weights at step 0, parameter by parameter; null where nobody knows them. */
  readonly initial: readonly Float64Array[] | null;
  /** Of a network of the catalog; null for a list of layers. */
  readonly plan: RunPlan | null;
  /** The layers that hold a kernel, in the order of their blocks. */
  readonly kinds: readonly Layer[];
  /** What each parameter is. */
  readonly roles: readonly ParameterSlot['role'][];
  /** What each parameter is called by its layer: `dense0.kernel`. */
  readonly readAs: readonly string[];
  /** Which of them a run would never update. */
  readonly frozen: readonly boolean[];
  /** Which of them are logits, and the number below which their blocks are pruned. */
  readonly prunedBelow: readonly (number | undefined)[];
  /** True where batch normalization makes examples depend on each other. */
  readonly mixing: boolean;
  /** Names of the activations, in the order of the layers. */
  readonly activations: readonly string[];
  /** True where something lies between the layers that is no polynomial of the weights: normalization, the largest of pixels. */
  readonly normalized: boolean;
  readonly blocks: readonly Block[];
  readonly inputs: Tensor;
  readonly targets: { readonly shape: Shape; readonly data: Float64Array | Int32Array; readonly dtype: 'int32' | 'float' };
  /** Data held out; null where the question has none. */
  readonly heldOut: Pick<Subject, 'inputs' | 'targets'> | null;
  readonly loss: InspectLoss;
  readonly lossName: string;
  readonly spec: Spec | null;
  /** True where every activation is piecewise linear. */
  readonly piecewiseLinear: boolean;
  /** Outputs as the targets want them, the batch in front. */
  readonly outputShape: Shape;
  forward(g: Builder, x: Node, parameters: readonly Node[], context?: Pick<PassContext, 'activation' | 'statisticsRows'>): LayerPass;
}

/** @throws InspectRefusal */
export function readSubject(request: InspectRequest, files: ArrayFiles): Subject {
  if (request.inputs === undefined) refuse('inputs', 'must be the inputs [B, …], got nothing');
  const inputs = readTensor(request.inputs, 'inputs', files);
  if (inputs.shape.length < 1) refuse('inputs', 'must have the batch as first axis, got a number');
  const shape = inputs.shape.length === 1 ? [inputs.shape[0]!, 1] : inputs.shape;
  const { given, reading } = givenParameters(request, files);
  const read = given && reading.order.map((i) => given[i]!);
  const built = request.layers ? ofLayers(request, shape, read ?? []) : ofCatalogNetwork(request, shape, files, read);
  const chosen = given ?? built.initial;
  if (!chosen) refuse('params', `must be ${built.slots.map(({ name, shape: of }) => `${name} [${of}]`).join(', ')}, got nothing`);
  if (chosen.length === 0) refuse('params', 'must hold at least one parameter, got none');
  const found = matchParameters(built, read ?? chosen, reading.undecided);
  const places = read ? found.map((i) => reading.order[i]!) : found;
  const slotOf = (i: number) => built.slots[places.indexOf(i)]!;
  const plannedOf = (i: number) => built.plan?.network.parameters[places.indexOf(i)];
  const inPlace = (tensor: NamedTensor, i: number) => {
    const { flattened } = slotOf(i);
    return given && request.layout === 'torch' && flattened ? unflattened(tensor, flattened) : tensor;
  };
  const parameters = chosen.map(inPlace);
  const { loss, lossName } = readLoss(request);
  const drawn = built.initial && parameters.map((_, i) => built.initial![places.indexOf(i)]!.data);
  const targets = readTargets(request.targets, 'targets', files, { loss, lossName, outputShape: built.outputShape });
  return {
    parameters,
    inputs: { shape, data: inputs.data },
    targets,
    heldOut: readHeldOut(request, files, { loss, lossName, inputShape: shape, outputShape: built.outputShape }),
    initial: readInitial(request.initial, parameters, request.layout, files)?.map((tensor, i) => inPlace(tensor, i).data) ?? drawn,
    plan: built.plan,
    kinds: built.kinds,
    roles: parameters.map((_, i) => slotOf(i).role),
    readAs: parameters.map((_, i) => slotOf(i).name),
    frozen: parameters.map((_, i) => plannedOf(i)?.frozen === true),
    prunedBelow: parameters.map((_, i) => plannedOf(i)?.prunedBelow),
    mixing: built.mixing,
    activations: built.activations,
    normalized: built.normalized,
    outputShape: built.outputShape,
    loss,
    lossName,
    spec: built.spec,
    piecewiseLinear: built.piecewiseLinear,
    blocks: blocksOf(built.slots, places, built.layerNames, built.tapLayers),
    forward: (g, x, nodes, context) =>
      built.forward(
        g,
        x,
        places.map((place) => nodes[place]!),
        context,
      ),
  };
}

interface Built
  extends
    Pick<LayerNetwork, 'slots' | 'open' | 'outputShape'>,
    Pick<Subject, 'plan' | 'kinds' | 'mixing' | 'activations' | 'normalized' | 'forward'> {
  readonly layerNames: readonly string[];
  /** See fedSlot. */
  readonly fed: number;
  /** The layers in the order of their taps. */
  readonly tapLayers: readonly number[];
  readonly spec: Spec | null;
  readonly initial: NamedTensor[] | null;
  readonly piecewiseLinear: boolean;
}

function ofLayers({ layers }: InspectRequest, shape: Shape, given: readonly NamedTensor[]): Built {
  const names = layers!.map(({ name }) => name);
  names.forEach((name, at) => {
    if (names.indexOf(name) !== at) refuse(`layers[${at}].name`, `must be a name of its own, got ${name} again`);
  });
  try {
    const network = layerNetwork(layers!, shape, givenShapes(given, names));
    const activations = layers!.flatMap((layer): ChosenActivation[] =>
      layer.type === 'activation' ? [layer.fn] : 'activation' in layer && layer.activation ? [layer.activation] : [],
    );
    const biased = new Set(network.slots.flatMap(({ role, layer }) => (role === 'bias' ? [layer] : [])));
    const kinds = layerKinds(layers!, biased);
    const types = new Set(layers!.map(({ type }) => type));
    return {
      slots: network.slots,
      open: network.open,
      outputShape: network.outputShape,
      forward: (g, x, parameters, context) => network.forward(g, x, parameters, context?.statisticsRows),
      layerNames: names,
      fed: fedSlot(layers!, network.slots),
      tapLayers: [...kinds.keys()],
      kinds: [...kinds.values()],
      spec: null,
      initial: null,
      plan: null,
      mixing: types.has('batchnorm'),
      normalized: types.has('batchnorm') || types.has('layernorm') || types.has('maxpool2'),
      activations: activations.map(({ options }) => options.kind),
      piecewiseLinear: activations.every(({ of }) => of.piecewiseLinear),
    };
  } catch (error) {
    if (error instanceof LayerFault) refuse(error.path, error.message);
    throw error;
  }
}

const roles = { weight: 'kernel', bias: 'bias', scale: 'scale', shift: 'shift' } as const;

function ofCatalogNetwork(request: InspectRequest, shape: Shape, files: ArrayFiles, given: readonly NamedTensor[] | null): Built {
  const spec = readSpec(request, shape.length === 4);
  const targets = request.targets === undefined ? null : readTensor(request.targets, 'targets', files);
  const outputs = !targets ? 1 : targets.shape.length > 1 ? targets.shape.at(-1)! : labelCount(targets, given);
  const data = {
    inputs: sizeOf(shape.slice(1)),
    outputs,
    targets: 'values' as const,
    ...(shape.length === 4 ? { imageShape: shape.slice(1) as unknown as readonly [number, number, number] } : {}),
  };
  const plan = planRun(spec, data, { groupLimit: 0 });
  if (request.layout === 'torch' && spec.network.head === 'flatten')
    refuse('layout', 'must be plateau for a network of the catalog that flattens images, got torch; describe it as layers');
  const { network, activation } = plan;
  const drawn = initialWeights(plan);
  const slots: ParameterSlot[] = network.parameters.map(({ name, role, shape: of, layer }) => ({
    name,
    role: roles[role],
    shape: of,
    layer,
  }));
  return {
    slots: slots.map((slot) => ({ ...slot, name: slot.name.replace(/\.weight$/, '.kernel') })),
    open: [],
    outputShape: [shape[0]!, outputs],
    layerNames: network.layers.map(({ name }) => name),
    fed: -1,
    tapLayers: network.layers.map((_, layer) => layer),
    spec,
    initial: slots.map(({ name, shape: of }) => ({ name, shape: of, data: drawn.get(name)! })),
    plan,
    kinds: network.layers,
    mixing: needsStatistics(plan),
    normalized: (spec.network.normalization ?? 'none') !== 'none',
    activations: [spec.activation.kind],
    piecewiseLinear: activation.piecewiseLinear,
    forward(g, x, parameters, context) {
      const roles = new Map(
        slots.map(({ name, role }, i) => [name, role === 'kernel' ? parameters[i]! : g.reshape(parameters[i]!, [1, -1])]),
      );
      const pass = network.forward(g, {
        x: g.reshape(x, [x.shape[0]!, -1]),
        parameter: (name) => roles.get(name)!,
        activation: (node) => activation.apply(g, node, spec.activation),
        dropout: (node) => node,
        statisticsRows: x.shape[0]!,
        ...context,
      });
      return { ...pass, taps: pass.taps.map((tap, layer) => ({ ...tap, layer })) };
    },
  };
}

/** Outputs where the targets are labels: as many as the last kernel has columns, else the largest label and one. */
function labelCount(targets: Tensor, given: readonly NamedTensor[] | null): number {
  const kernels = given?.filter(({ shape }) => shape.length === 2);
  return kernels?.at(-1)?.shape[1] ?? targets.data.reduce((most, label) => Math.max(most, label), 0) + 1;
}

function readSpec({ spec = {}, network, precision }: InspectRequest, images: boolean): Spec {
  const own = typeof network === 'string' ? { kind: network } : network;
  const nested = spec as Record<string, unknown>;
  const runtime = { ...((nested.runtime as object | undefined) ?? {}), precision };
  /** The network may stand beside the spec, by its name alone. */
  const at = (path: string) => (own && /^network\b/.test(path) ? (own === network ? path : 'network') : `spec.${path}`);
  // data and loss are the question's: the spec takes some that do not quarrel with its network
  const stand = images ? { dataset: 'glyphs', loss: 'softmaxCrossEntropy' } : { dataset: 'teacherNetwork', loss: 'meanSquaredError' };
  try {
    return parseSpec({ ...nested, ...(own ? { network: own } : {}), ...stand, runtime });
  } catch (error) {
    if (error instanceof SpecError) throw new InspectRefusal(error.issues.map(({ path, message }) => ({ path: at(path), message })));
    throw error;
  }
}

function readLoss({ loss, spec }: InspectRequest): { loss: InspectLoss; lossName: string } {
  const wanted = loss ?? spec?.loss;
  const {
    type,
    name,
    kind = type ?? name,
    ...options
  } = (typeof wanted === 'object' ? wanted : { kind: wanted }) as Record<string, unknown>;
  if (typeof kind === 'string' && Object.hasOwn(inspectLosses, kind)) return { loss: inspectLosses[kind]!, lossName: kind };
  if (typeof kind !== 'string' || !Object.hasOwn(catalog.loss, kind))
    refuse('loss', `must be one of ${lossNames.join(', ')}, got ${show(kind)}`);
  const chosen = chosenOptions('loss', kind, options);
  if (isFault(chosen)) refuse(`loss.${chosen.path}`, chosen.message);
  return { loss: ofCatalog(entry('loss', kind), chosen), lossName: kind };
}

function blocksOf(
  slots: readonly ParameterSlot[],
  places: readonly number[],
  names: readonly string[],
  tapLayers: readonly number[],
): Block[] {
  const byLayer = Map.groupBy(slots.keys(), (slot) => slots[slot]!.layer);
  return [...byLayer].map(([layer, members]) => ({
    name: names[layer]!,
    members: members.map((slot) => places[slot]!).sort((a, b) => a - b),
    kernel: places[members.find((slot) => slots[slot]!.role === 'kernel') ?? -1] ?? -1,
    tap: tapLayers.indexOf(layer),
  }));
}
