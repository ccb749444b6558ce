/** @file A list of layers as a network: which parameters it holds, in which shapes, and how it computes. */
import { entry } from '../catalog.ts';
import type { Activation, Options } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import { averagePool, conv2d, globalAveragePool, maxPool, windowsAlong } from '../graph/convolution.ts';
import { sizeOf, type Node, type Shape } from '../graph/node.ts';
import { leadingAxes } from '../graph/shapes.ts';
import { byLeadingRows } from '../networks/normalizations.ts';
import { residualStream } from './kinds.ts';

export interface ChosenActivation {
  readonly of: Activation;
  readonly options: Options;
}

/** One layer as its description says; sizes that the parameters tell may be left out. */
export type LayerSpec = { readonly name: string } & (
  | {
      readonly type: 'dense';
      readonly in?: number | undefined;
      readonly out?: number | undefined;
      readonly bias?: boolean | undefined;
      readonly activation?: ChosenActivation | undefined;
    }
  | {
      readonly type: 'conv2d';
      /** [kh, kw], or with Cin and Cout behind. */
      readonly kernel?: readonly number[] | undefined;
      readonly in?: number | undefined;
      readonly out?: number | undefined;
      readonly stride: readonly [number, number];
      readonly padding: 'same' | 'valid';
      readonly bias?: boolean | undefined;
      readonly activation?: ChosenActivation | undefined;
    }
  | { readonly type: 'batchnorm' | 'layernorm'; readonly eps: number; readonly affine?: boolean | undefined }
  | { readonly type: 'activation'; readonly fn: ChosenActivation }
  | { readonly type: 'maxpool2' | 'avgpool2' | 'global_avg_pool' | 'flatten' }
  | { readonly type: 'save' | 'add'; readonly key: string }
);

export type ParameterRole = 'kernel' | 'bias' | 'scale' | 'shift';
export interface ParameterSlot {
  /** `<layer>.kernel`, `.bias`, `.scale`, `.shift`. */
  readonly name: string;
  readonly role: ParameterRole;
  readonly shape: Shape;
  /** Index of the layer in the list. */
  readonly layer: number;
  /** [H, W, C] of the image whose pixels its first axis runs over, where it stands behind a flattened one. */
  readonly flattened?: Shape;
}

/** Vectors whose layer does not say whether it has them: the parameters tell. */
export interface OpenVectors {
  /** How many slots stand in front. */
  readonly at: number;
  readonly slots: readonly ParameterSlot[];
  /** Whether they are among the slots of the network. */
  readonly taken: boolean;
}

export interface LayerNetwork {
  readonly slots: readonly ParameterSlot[];
  readonly open: readonly OpenVectors[];
  readonly outputShape: Shape; // with the batch in front
  /**
   * @param parameters in the order of the slots
   * @param statisticsRows leading rows of x that batch normalization takes its statistics from; by default all of them
   */
  forward(g: Builder, x: Node, parameters: readonly Node[], statisticsRows?: number): LayerPass;
}
/** What a dense or convolutional layer computes, and what leaves it once the activations and normalizations behind it are done. */
export interface Tap {
  readonly layer: number;
  readonly preActivation: Node;
  readonly activation: Node;
  /** What the activation function was taken of, where it comes last. */
  readonly argument?: Node;
  /** The residual stream, where it begins or a branch ends behind the layer. */
  readonly stream?: Node;
}

/** What a forward pass leaves behind. */
export interface LayerPass {
  readonly outputs: Node;
  readonly taps: readonly Tap[];
  /** Where the residual stream begins. */
  readonly start?: Node;
}

/** What a file says of its parameters, asked while the shapes are worked out: null where it says nothing. */
export interface Given {
  /** True where it holds no parameters at all. */
  readonly silent: boolean;
  /** @param index how many parameters came before */
  shapeOf(layer: string, role: ParameterRole, index: number): Shape | null;
}

/** A fault of the description, at a path inside it. */
export class LayerFault extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

interface StepContext {
  readonly parameters: readonly Node[];
  readonly saved: Map<string, Node>;
  readonly statisticsRows: number;
}
type Step = (g: Builder, x: Node, context: StepContext) => { readonly y: Node; readonly preActivation?: Node; readonly argument?: Node };

/** @throws LayerFault where a layer does not fit what comes into it */
export function layerNetwork(layers: readonly LayerSpec[], inputShape: Shape, given: Given): LayerNetwork {
  const slots: ParameterSlot[] = [];
  const open: OpenVectors[] = [];
  const steps: Step[] = [];
  const saved = new Map<string, Shape>();
  let shape = inputShape;
  let flattened: Shape | null = null;
  layers.forEach((layer, at) => {
    const path = `layers[${at}]`;
    const refuse = (field: string, message: string): never => {
      throw new LayerFault(field === '' ? path : `${path}.${field}`, message);
    };
    const hint = (role: ParameterRole) => given.shapeOf(layer.name, role, slots.length);
    const add = (role: ParameterRole, of: Shape): number => {
      const pixels = flattened && of[0] === sizeOf(flattened) && role !== 'bias' ? { flattened } : {};
      return slots.push({ name: `${layer.name}.${role}`, role, shape: of, layer: at, ...pixels }) - 1;
    };
    const image = () => {
      if (shape.length !== 4) refuse('type', `${layer.type} takes images [B, H, W, C], got [${shape}]`);
      return shape as readonly [number, number, number, number];
    };
    /** The slots of the vectors of these roles, or -1 for each where the layer has none. */
    const vectors = (width: number, wanted: boolean | undefined, all: readonly ('bias' | 'scale' | 'shift')[]): number[] => {
      const next = wanted === undefined ? hint(all[0]!) : null;
      const taken = wanted ?? (next ? next.length === 1 && next[0] === width : all[0] === 'bias' && given.silent);
      const of = all.map((role): ParameterSlot => ({ name: `${layer.name}.${role}`, role, shape: [width], layer: at }));
      if (wanted === undefined) open.push({ at: slots.length, slots: of, taken });
      return all.map((role) => (taken ? add(role, [width]) : -1));
    };
    switch (layer.type) {
      case 'dense': {
        const width = shape.at(-1)!;
        if (shape.length < 2) refuse('type', `dense takes [B, …, D], got [${shape}]`);
        if (layer.in !== undefined && layer.in !== width)
          refuse('in', `must be ${width}, the last size of [${shape}] that comes in, got ${layer.in}`);
        const known = hint('kernel');
        const out = layer.out ?? (known?.length === 2 ? known[1]! : refuse('out', 'must be an integer of at least 1, got nothing'));
        const kernel = add('kernel', [width, out]);
        flattened = null;
        const [bias = -1] = vectors(out, layer.bias, ['bias']);
        const before = shape;
        shape = [...before.slice(0, -1), out];
        const after = shape;
        steps.push((g, x, { parameters }) => {
          const flat = before.length === 2 ? x : g.reshape(x, [-1, width]);
          const product = g.reshape(g.matMul(flat, parameters[kernel]!), [-1, ...after.slice(1)]);
          return activated(g, bias < 0 ? product : g.add(product, parameters[bias]!), layer.activation);
        });
        return;
      }
      case 'conv2d': {
        const [batch, h, w, channels] = image();
        const known = hint('kernel');
        const sizes =
          layer.kernel ?? (known?.length === 4 ? known : refuse('kernel', 'must be [kh, kw] or [kh, kw, Cin, Cout], got nothing'));
        const [kh, kw, cin = channels, cout] = sizes as [number, number, number?, number?];
        if (layer.in !== undefined && layer.in !== channels)
          refuse('in', `must be ${channels}, the channels of [${shape}], got ${layer.in}`);
        if (cin !== channels) refuse('kernel', `must take the ${channels} channels of [${shape}] that come in, got ${cin}`);
        const out =
          layer.out ?? cout ?? (known?.length === 4 ? known[3]! : refuse('out', 'must be the number of output channels, got nothing'));
        if (cout !== undefined && cout !== out) refuse('out', `must be the kernel's ${cout}, got ${out}`);
        const { stride, padding } = layer;
        if (padding === 'valid' && (kh > h || kw > w)) refuse('kernel', `must fit into the image [${h}, ${w}], got [${kh}, ${kw}]`);
        const rows = windowsAlong(h, kh, { stride: stride[0], padding }).count;
        const columns = windowsAlong(w, kw, { stride: stride[1], padding }).count;
        const kernel = add('kernel', [kh, kw, channels, out]);
        const [bias = -1] = vectors(out, layer.bias, ['bias']);
        shape = [batch, rows, columns, out];
        steps.push((g, x, { parameters }) => {
          const product = conv2d(g, x, parameters[kernel]!, { stride, padding });
          return activated(g, bias < 0 ? product : g.add(product, parameters[bias]!), layer.activation);
        });
        return;
      }
      case 'batchnorm':
      case 'layernorm': {
        if (shape.length < 2) refuse('type', `${layer.type} takes [B, …, C], got [${shape}]`);
        const width = shape.at(-1)!;
        const axes = layer.type === 'layernorm' ? [shape.length - 1] : leadingAxes(shape);
        const [scale = -1, shift = -1] = vectors(width, layer.affine, ['scale', 'shift']);
        steps.push((g, x, { parameters, statisticsRows }) => {
          const alone = layer.type === 'layernorm' || statisticsRows === x.shape[0];
          const z = alone ? g.normalize(x, axes, layer.eps) : byLeadingRows(g, x, statisticsRows, layer.eps);
          return { y: scale >= 0 ? g.add(g.mul(z, parameters[scale]!), parameters[shift]!) : z };
        });
        return;
      }
      case 'activation':
        steps.push((g, x) => ({ y: layer.fn.of.apply(g, x, layer.fn.options), argument: x }));
        return;
      case 'maxpool2':
      case 'avgpool2': {
        const [batch, h, w, channels] = image();
        if (h < 2 || w < 2) refuse('type', `${layer.type} takes images of at least 2 by 2, got [${shape}]`);
        shape = [batch, Math.floor(h / 2), Math.floor(w / 2), channels];
        const pool = layer.type === 'maxpool2' ? maxPool : averagePool;
        steps.push((g, x) => ({ y: pool(g, x, 2) }));
        return;
      }
      case 'global_avg_pool': {
        const [batch, , , channels] = image();
        shape = [batch, channels];
        steps.push((g, x) => ({ y: globalAveragePool(g, x) }));
        return;
      }
      case 'flatten': {
        if (shape.length === 4) flattened = shape.slice(1);
        const flat = [shape[0]!, sizeOf(shape.slice(1))];
        shape = flat;
        steps.push((g, x) => ({ y: g.reshape(x, [-1, flat[1]!]) }));
        return;
      }
      case 'save':
        saved.set(layer.key, shape);
        steps.push((_, x, { saved: kept }) => (kept.set(layer.key, x), { y: x }));
        return;
      case 'add': {
        const other = saved.get(layer.key);
        if (!other) refuse('key', `must be one that was saved before (${[...saved.keys()].join(', ') || 'none was'}), got ${layer.key}`);
        if (other!.length !== shape.length || other!.some((n, axis) => n !== shape[axis]))
          refuse('key', `${layer.key} was saved as [${other}], which cannot be added to [${shape}]`);
        steps.push((g, x, { saved: kept }) => ({ y: g.add(x, kept.get(layer.key)!) }));
      }
    }
  });
  const stream = residualStream(layers);
  return {
    slots,
    open,
    outputShape: shape,
    forward(g, x, parameters, statisticsRows = x.shape[0]!) {
      const context: StepContext = { parameters, saved: new Map(), statisticsRows };
      const taps: Tap[] = [];
      let y = x;
      let start: Node | undefined;
      steps.forEach((step, layer) => {
        const { preActivation, ...left } = step(g, y, context);
        y = left.y;
        const argument = left.argument ? { argument: left.argument } : {};
        if (preActivation) taps.push({ layer, preActivation, activation: y, ...argument });
        else if (taps.length > 0 && behindKernels.includes(layers[layer]!.type)) {
          const { argument: _, ...kept } = taps.pop()!;
          taps.push({ ...kept, activation: y, ...argument });
        }
        if (layer === stream.start) start = y;
        if (taps.length > 0 && (layer === stream.start || stream.states.has(layer))) taps.push({ ...taps.pop()!, stream: y });
      });
      return { outputs: y, taps, ...(start ? { start } : {}) };
    },
  };
}

/** What belongs to the layer in front of it. */
const behindKernels: readonly LayerSpec['type'][] = ['activation', 'batchnorm', 'layernorm', 'add'];

const activated = (g: Builder, preActivation: Node, chosen: ChosenActivation | undefined): ReturnType<Step> =>
  chosen
    ? { y: chosen.of.apply(g, preActivation, chosen.options), preActivation, argument: preActivation }
    : { y: preActivation, preActivation };

/** Names of other libraries for activations of the catalog. */
const alsoKnown: ReadonlyMap<string, string> = new Map([
  ['identity', 'linear'],
  ['none', 'linear'],
  ['swish', 'silu'],
]);

/** `leaky_relu`, `LeakyReLU` and `leakyRelu` are one. Null where the catalog has none of that name. */
export function activationNamed(name: string, activations: readonly string[]): Activation | null {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = alsoKnown.get(plain(name)) ?? name;
  const found = activations.find((known) => known === wanted) ?? activations.find((known) => plain(known) === plain(wanted));
  return found === undefined ? null : entry('activation', found);
}
