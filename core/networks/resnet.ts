/** @file A residual network of dense blocks whose branches are scaled by L^-β. */
import type { Layer, Network, Parameter, Pass } from '../define.ts';
import type { Node } from '../graph/node.ts';
import { invariance, normalizationFields, normalizationParameters, normalized } from './normalizations.ts';

interface ResnetOptions {
  readonly depth: number;
  readonly width: number;
  readonly branch: 'res3' | 'res1';
  readonly beta: number;
  readonly gate: boolean;
  readonly scalars: boolean;
  readonly normalization: string;
}

export const resnet: Network = {
  card: {
    name: 'resnet',
    title: 'Residual network',
    formula: 'h_0 = A x,\\quad h_{k+1} = h_k + L^{-\\beta}\\, V_{k+1}\\, \\phi(W_{k+1} h_k),\\quad f = F h_L',
    about:
      'res3 as in the formula, res1 with φ(h) in place of φ(W h). Every branch ends in a zero-mean linear map: one that ended in ReLU would drift.',
    source: 'Marion, Fermanian, Biau and Vert 2025; gate: Bachlechner et al. 2021; scalars: Zhang, Dauphin and Ma 2019',
  },
  fields: {
    depth: { type: 'integer', title: 'Depth', symbol: 'L', unit: 'blocks', min: 1, max: 1000, default: 20 },
    width: { type: 'integer', title: 'Width', symbol: 'n', unit: 'units', min: 1, max: 4096, default: 40 },
    branch: { type: 'choice', title: 'Branch', choices: ['res3', 'res1'], default: 'res3' },
    beta: {
      type: 'number',
      title: 'Residual scale exponent',
      symbol: '\\beta',
      min: 0,
      max: 4,
      default: 0.5,
      about: 'α = L^-β: 1/2 is critical for independent weights.',
    },
    gate: {
      type: 'boolean',
      title: 'Gate',
      default: false,
      about: 'A learned number in front of every branch, 0 at the start, so that the network begins as the identity.',
    },
    scalars: {
      type: 'boolean',
      title: 'Scalars of Fixup',
      default: false,
      about:
        'A learned factor of every branch, 1 at the start, and a learned number, 0 at the start, added before and after each of its kernels.',
    },
    ...normalizationFields,
  },
  plan(options, data) {
    const { depth, width, branch, beta, gate, scalars, normalization: kind } = options as unknown as ResnetOptions;
    if (scalars && gate) throw new RangeError('resnet: scalars bring a factor of every branch; leave out the gate');
    if (scalars && kind !== 'none') throw new RangeError('resnet: scalars stand in for a normalization; choose network.normalization none');
    const layers: Layer[] = [];
    const parameters: Parameter[] = [];
    const add = (name: string, place: Layer['kind'], scaleInvariant: Layer['scaleInvariant'], fanIn: number, fanOut: number) => {
      parameters.push({ name: `${name}.weight`, role: 'weight', shape: [fanIn, fanOut], fanIn, fanOut, layer: layers.length });
      layers.push({ name, kind: place, scaleInvariant });
      if (scalars && place === 'branch')
        parameters.push({ name: `${name}.shifts`, role: 'shift', shape: [2], fanIn: 1, fanOut: 1, layer: layers.length - 1, initial: 0 });
    };
    add('input', 'input', false, data.inputs, width);
    for (let k = 1; k <= depth; k++) {
      if (branch === 'res3') add(`block${k}.w`, 'branch', invariance(kind), width, width);
      parameters.push(...normalizationParameters(kind, `block${k}`, width, branch === 'res3' ? layers.length - 1 : layers.length));
      add(`block${k}.v`, 'branch', false, width, width);
      if (gate || scalars) {
        const initial = gate ? 0 : 1;
        parameters.push({ name: `block${k}.gate`, role: 'scale', shape: [1], fanIn: 1, fanOut: 1, layer: layers.length - 1, initial });
      }
    }
    add('readout', 'readout', false, width, data.outputs);
    const scale = depth ** -beta;
    return {
      layers,
      parameters,
      forward(g, context) {
        const weight = (name: string) => context.parameter(`${name}.weight`);
        const shifted = (x: Node, name: string, place: 0 | 1) =>
          scalars ? g.add(x, g.slice(context.parameter(`${name}.shifts`), -1, place, place + 1)) : x;
        const taps: Pass['taps'][number][] = [];
        let h = g.matMul(context.x, weight('input')); // [B, N]
        taps.push({ preActivation: h, activation: h, stream: h });
        const start = h;
        for (let k = 1; k <= depth; k++) {
          const [w, v] = [`block${k}.w`, `block${k}.v`];
          const inner = branch === 'res3' ? shifted(g.matMul(shifted(h, w, 0), weight(w)), w, 1) : h;
          const activated = context.activation(normalized(g, options, inner, `block${k}`, context));
          if (branch === 'res3') taps.push({ preActivation: inner, activation: activated });
          const output = g.matMul(shifted(activated, v, 0), weight(v));
          const branched = gate || scalars ? g.mul(output, context.parameter(`block${k}.gate`)) : output;
          h = g.add(h, g.mul(shifted(branched, v, 1), scale));
          taps.push({ preActivation: output, activation: h, stream: h });
        }
        const outputs = g.matMul(h, weight('readout')); // [B, K]
        return { outputs, taps: [...taps, { preActivation: outputs, activation: outputs }], start };
      },
    };
  },
};
