/** @file Which given parameter is which of the network's: by its name, or else by its place in the order. */
import type { Given, LayerSpec, OpenVectors, ParameterRole, ParameterSlot } from '#core/inspect/layers.ts';
import { sizeOf, type Shape } from '#core/graph/node.ts';
import type { ArrayFiles } from './files.ts';
import { readingOrder, spellings, stemOf, wordOf, type Reading } from './names.ts';
import { refuse, show } from './refusal.ts';
import type { InspectRequest } from './request.ts';
import { checkFinite, readTensor, type Tensor } from './tensors.ts';

/** A parameter of the question; the flat vector [P] is all of them one after another. */
export interface NamedTensor extends Tensor {
  readonly name: string;
}

type Layout = InspectRequest['layout'];

const maxParameters = 50_000_000;

/** @returns the parameters in the order in which they stand, turned where they are PyTorch's; null where the question has none */
function readParameters(params: unknown, layout: Layout, files: ArrayFiles, field = 'params'): NamedTensor[] | null {
  if (params === undefined) return null;
  if (typeof params !== 'object' || params === null || Array.isArray(params))
    refuse(field, `must be an object of name to { shape, data }, or { file }, got ${show(params)}`);
  const { file } = params as { file?: unknown };
  const given =
    typeof file === 'string' && Object.keys(params).length === 1
      ? new Map(files.read(file, `${field}.file`))
      : new Map(Object.entries(params).map(([name, value]) => [name, readTensor(value, `${field}.${name}`, files)]));
  for (const [name, { data }] of given) checkFinite(data, `${field}.${name}`);
  const total = [...given.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (total > maxParameters) refuse(field, `must hold at most ${maxParameters} values, got ${total}`);
  const parameters = [...given].map(([name, tensor]) => ({ name, ...tensor }));
  return layout === 'torch' ? turned(parameters) : parameters;
}

/** The parameters in the order of `param_order`, which may name the running statistics that were left out. */
function inOrder(parameters: readonly NamedTensor[], order: readonly string[], layout: Layout): NamedTensor[] {
  const given = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const seen = new Set<string>();
  order.forEach((name, i) => {
    if (!given.has(name) && !(layout === 'torch' && running.test(name)))
      refuse(`param_order[${i}]`, `must be one of the parameters ${[...given.keys()].join(', ')}, got ${show(name)}`);
    if (seen.has(name)) refuse(`param_order[${i}]`, `${name} stands twice`);
    seen.add(name);
  });
  const missing = [...given.keys()].filter((name) => !seen.has(name));
  if (missing.length > 0)
    refuse('param_order', `must name every parameter once, ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing`);
  return order.flatMap((name) => given.get(name) ?? []);
}

/** The question's parameters in the order of the flat vector, and in which order they are read by place. */
export function givenParameters(
  { params, param_order: order, layout }: Pick<InspectRequest, 'params' | 'param_order' | 'layout'>,
  files: ArrayFiles,
): { given: NamedTensor[] | null; reading: Reading } {
  const stored = readParameters(params, layout, files);
  const given = stored && order ? inOrder(stored, order, layout) : stored;
  return { given, reading: given && !order ? readingOrder(given) : { order: [...(given ?? []).keys()], undecided: null } };
}

/** The weights at step 0, one for each of the parameters. */
export function readInitial(initial: unknown, parameters: readonly NamedTensor[], layout: Layout, files: ArrayFiles): NamedTensor[] | null {
  const given = readParameters(initial, layout, files, 'initial');
  if (!given) return null;
  const names = parameters.map(({ name }) => name);
  const found = new Map(given.map((parameter) => [parameter.name, parameter]));
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0)
    refuse('initial', `must hold every parameter, ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing`);
  const known = new Set(names);
  const unknown = given.find(({ name }) => !known.has(name));
  if (unknown) refuse(`initial.${unknown.name}`, `must be one of the parameters ${names.join(', ')}, got ${show(unknown.name)}`);
  return parameters.map(({ name, shape }) => {
    const at = found.get(name)!;
    if (!fits(at.shape, shape)) refuse(`initial.${name}`, `must be of shape [${shape}], got [${at.shape}]`);
    return at;
  });
}

/** What a batch normalization of PyTorch keeps beside its parameters; here the statistics are those of the inputs. */
const running = /(^|[._])(running_mean|running_var|num_batches_tracked)$/;

/** PyTorch's kernels turned into ours: [out, in] to [in, out], [Cout, Cin, kh, kw] to [kh, kw, Cin, Cout]. */
function turned(parameters: readonly NamedTensor[]): NamedTensor[] {
  return parameters
    .filter(({ name }) => !running.test(name))
    .map((parameter) => {
      const { length } = parameter.shape;
      return length === 2 ? permuted(parameter, [1, 0]) : length === 4 ? permuted(parameter, [2, 3, 1, 0]) : parameter;
    });
}

/** Pixels of a flattened image come channel by channel from PyTorch, here they come place by place. */
export function unflattened(parameter: NamedTensor, [height, width, channels]: Shape): NamedTensor {
  const rest = parameter.shape.slice(1);
  const image = { ...parameter, shape: [channels!, height!, width!, sizeOf(rest)] };
  return { ...parameter, data: permuted(image, [1, 2, 0, 3]).data };
}

function permuted({ name, shape, data }: NamedTensor, axes: readonly number[]): NamedTensor {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const after = axes.map((axis) => shape[axis]!);
  const values = Float64Array.from({ length: data.length }, (_, i) => {
    let [rest, from] = [i, 0];
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      from += (rest % after[axis]!) * strides[axes[axis]!]!;
      rest = Math.floor(rest / after[axis]!);
    }
    return data[from]!;
  });
  return { name, shape: after, data: values };
}

const plain = (name: string): string => name.toLowerCase().replace(/[./:_-]/g, '');

/** Index of the parameter that goes by the first of the names by which any goes; -1 where none does. */
function byNames(parameters: readonly NamedTensor[], names: Iterable<string>): number {
  for (const wanted of names) {
    const bare = plain(wanted);
    const exact = parameters.findIndex(({ name }) => name === wanted);
    const found = exact >= 0 ? exact : parameters.findIndex(({ name }) => plain(name) === bare);
    if (found >= 0) return found;
    const inside = parameters.flatMap(({ name }, i) => (endsIn(name, wanted) ? [i] : []));
    if (inside.length === 1) return inside[0]!;
  }
  return -1;
}

const namesOf = (layer: string, role: ParameterRole) => spellings[role].map((spelling) => `${layer}.${spelling}`);
const byName = (parameters: readonly NamedTensor[], layer: string, role: ParameterRole) => byNames(parameters, namesOf(layer, role));

/** `params/hidden/kernel` is the kernel of `hidden` inside of something larger. */
function endsIn(name: string, end: string): boolean {
  const path = name.replaceAll('/', '.');
  return path === end || path.endsWith(`.${end}`);
}

const roles = Object.keys(spellings) as ParameterRole[];
/** True for `<layer>.kernel` and its spellings, whatever stands in front: a name that cannot mean another layer. */
const belongs = (name: string, layer: string, of: readonly ParameterRole[] = roles): boolean =>
  of.some((role) => namesOf(layer, role).some((wanted) => endsIn(name, wanted)));

/**
 * What the parameters tell about layers that leave sizes out. A layer none of whose parameters goes by its name is read by place, but
 * for what goes by the name of another.
 */
export function givenShapes(parameters: readonly NamedTensor[], layers: readonly string[]): Given {
  const anyNamed = (layer: string) => roles.some((role) => byName(parameters, layer, role) >= 0);
  return {
    silent: parameters.length === 0,
    shapeOf(layer, role, index) {
      if (anyNamed(layer)) return parameters[byName(parameters, layer, role)]?.shape ?? null;
      const found = parameters[index];
      return found && !layers.some((other) => belongs(found.name, other)) ? found.shape : null;
    },
  };
}

const fits = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, axis) => n === b[axis]);

/** Parameters often come in the order of the alphabet, bias in front of scale: of equal shape, they would be read as each other. */
const contradicts = (name: string, role: ParameterRole): boolean => {
  const word = wordOf(name);
  return word !== undefined && !spellings[role].includes(word);
};

/** Vectors that go by the name of another layer's kernel or scale: bias often stands in front of kernel, where they come by the alphabet. */
function torn(slots: readonly ParameterSlot[], parameters: readonly NamedTensor[]): boolean {
  const partner = { bias: 'kernel', shift: 'scale' } as const;
  return slots.some((slot, i) => {
    const stem = slot.role === 'bias' || slot.role === 'shift' ? stemOf(parameters[i]!.name) : null;
    const owner = slots.findIndex(({ role }, j) => role === partner[slot.role as 'bias'] && stemOf(parameters[j]!.name) === stem);
    return stem !== null && owner >= 0 && slots[owner]!.layer !== slot.layer;
  });
}

/**
 * In how many ways parameters can be those of the layers, in their order, each layer that leaves it open with or without its vectors.
 * @param fitsAt whether a slot may hold the parameter of that index
 */
function readings(
  slots: readonly ParameterSlot[],
  open: readonly OpenVectors[],
  count: number,
  fitsAt: (slot: ParameterSlot, at: number) => boolean,
): number {
  let ways = new Map([[0, 1]]); // by how many parameters are read
  const read = (group: readonly ParameterSlot[], or: 'must' | 'may') => {
    const next = new Map(or === 'may' ? ways : []);
    for (const [from, n] of ways)
      if (from + group.length <= count && group.every((slot, i) => fitsAt(slot, from + i)))
        next.set(from + group.length, (next.get(from + group.length) ?? 0) + n);
    ways = next;
  };
  let done = 0;
  for (const { at, slots: vectors, taken } of open) {
    for (; done < at; done++) read([slots[done]!], 'must');
    read(vectors, 'may');
    if (taken) done += vectors.length;
  }
  for (; done < slots.length; done++) read([slots[done]!], 'must');
  return ways.get(count) ?? 0;
}

/** What a network wants of its parameters. */
interface Wanted {
  readonly slots: readonly ParameterSlot[];
  readonly open: readonly OpenVectors[];
  /** See fedSlot. */
  readonly fed?: number;
}

/**
 * For each slot of the network the index of its parameter.
 *
 * @throws InspectRefusal saying which names were expected and which were found
 */
export function matchParameters(
  { slots, open, fed = -1 }: Wanted,
  parameters: readonly NamedTensor[],
  undecided: Reading['undecided'] = null,
): number[] {
  const layerOf = ({ name, role }: ParameterSlot) => name.slice(0, -role.length - 1);
  // a slot’s own name first: gates and shifts of a residual network do not end in their role
  const named = slots.map((slot) => byNames(parameters, new Set([slot.name, ...namesOf(layerOf(slot), slot.role)])));
  const distinct = new Set(named).size === named.length && !named.includes(-1) && named.length === parameters.length;
  const places = distinct ? named : slots.map((_, i) => i);
  if (slots.length === parameters.length) checkWidth(slots, fed, (i) => parameters[places[i]!]!);
  if (distinct) {
    slots.forEach((slot, i) => {
      const { name, shape } = parameters[named[i]!]!;
      if (!fits(shape, slot.shape)) refuse(`params.${name}`, `must be of shape [${slot.shape}], got [${shape}]${hint(slot, shape)}`);
    });
    return named;
  }
  const elsewhere = (slot: ParameterSlot, at: number) =>
    parameters.some((parameter, i) => i !== at && belongs(parameter.name, layerOf(slot), [slot.role]));
  const fitsAt = (slot: ParameterSlot, at: number) =>
    fits(slot.shape, parameters[at]!.shape) && !elsewhere(slot, at) && !contradicts(parameters[at]!.name, slot.role);
  const found = list(parameters) || 'none';
  if (slots.length !== parameters.length || !slots.every(fitsAt) || torn(slots, parameters))
    refuse('params', `must be ${wantedList(slots, open)}, by these names or in this order; got ${found}`);
  if (undecided)
    refuse(
      'params',
      `must go by the names of their layers, or by param_order: ${undecided.join(' and ')} could change places, and the order of the alphabet does not tell; got ${found}`,
    );
  if (readings(slots, open, parameters.length, fitsAt) > 1)
    refuse(
      'params',
      `must go by the names of their layers, or the layers must say "affine" and "bias": ${found} could be of ${list(open.flatMap(({ slots: of }) => of))}`,
    );
  return places;
}

const list = (all: readonly { name: string; shape: Shape }[]) => all.map(({ name, shape }) => `${name} [${shape}]`).join(', ');

/** Vectors that were not found where layers leave them open, too: `a.kernel [2,3], a.bias [3] or none`. */
function wantedList(slots: readonly ParameterSlot[], open: readonly OpenVectors[]): string {
  const all = [...slots.entries()].map(([at, slot]) => ({ at, text: list([slot]) }));
  for (const { at, slots: vectors, taken } of open)
    if (!taken) all.push({ at: at - 0.5, text: vectors.map((slot) => `${list([slot])} or none`).join(', ') });
  return all
    .sort((a, b) => a.at - b.at)
    .map(({ text }) => text)
    .join(', ');
}

/** Layers that leave the width as it is. */
const keepWidth: readonly LayerSpec['type'][] = ['activation', 'batchnorm', 'layernorm', 'save', 'add'];

/** The slot of the kernel that takes the inputs as they come and leaves open how wide they are; -1 where there is none. */
export function fedSlot(layers: readonly LayerSpec[], slots: readonly ParameterSlot[]): number {
  const first = layers.findIndex(({ type }) => !keepWidth.includes(type));
  const layer = layers[first];
  const open = (layer?.type === 'dense' || layer?.type === 'conv2d') && layer.in === undefined;
  return open ? slots.findIndex((slot) => slot.layer === first && slot.role === 'kernel') : -1;
}

/**
 * Where all fits but for the rows of the kernel that takes the inputs, the inputs are of the wrong width, unless it stands alone and could
 * be PyTorch's.
 */
function checkWidth(slots: readonly ParameterSlot[], fed: number, parameterOf: (slot: number) => NamedTensor): void {
  const wrong = slots.flatMap((slot, i) => (fits(parameterOf(i).shape, slot.shape) ? [] : [i]));
  if (fed < 0 || wrong.length !== 1 || wrong[0] !== fed) return;
  const { name, shape } = parameterOf(fed);
  const [width, rows] = [slots[fed]!.shape.at(-2), shape.at(-2)];
  const onlyRows = fits(shape.toSpliced(-2, 1), slots[fed]!.shape.toSpliced(-2, 1));
  const turnable = slots.length === 1 && shape.at(-1) === width;
  if (onlyRows && !turnable) refuse('inputs', `must be of width ${rows}, the rows of ${name} [${shape}], got ${width}`);
}

const hint = ({ role, shape }: ParameterSlot, got: Shape): string =>
  role === 'kernel' && fits([...got].reverse(), shape) && shape.length === 2
    ? ' (PyTorch keeps [out, in]: "layout": "torch" turns it)'
    : '';
