/** @file A residual network of dense blocks whose branches are scaled by L^-β. */
import type { Layer, Network, Parameter, Pass } from '../define.ts';
import { branchFields, createBranches } from './branches.ts';
import { invariance, normalizationFields, normalizationParameters, normalized } from './normalizations.ts';

interface ResnetOptions {
  readonly depth: number;
  readonly width: number;
  readonly branch: 'res3' | 'res1';
  readonly normalization: string;
}

export const resnet: Network = {
  card: {
    name: 'resnet',
    title: 'Residual network',
    formula: 'h_0 = A x,\\quad h_{k+1} = h_k + L^{-\\beta}\\, V_{k+1}\\, \\phi(W_{k+1} h_k),\\quad f = F h_L',
    about:
      'res3 as in the formula, res1 with φ(h) in place of φ(W h). Every branch ends in a zero-mean linear map: one that ended in ReLU would drift.',
    source:
      'Marion, Fermanian, Biau and Vert 2025; gate: Bachlechner et al. 2021; scalars: Zhang, Dauphin and Ma 2019; stochastic depth: Huang et al. 2016; pruning: Guenter and Sideris 2024, the straight-through rule is our choice',
  },
  fields: {
    depth: { type: 'integer', title: 'Depth', symbol: 'L', unit: 'blocks', min: 1, max: 1000, default: 20 },
    width: { type: 'integer', title: 'Width', symbol: 'n', unit: 'units', min: 1, max: 4096, default: 40 },
    branch: { type: 'choice', title: 'Branch', choices: ['res3', 'res1'], default: 'res3' },
    ...branchFields(0.5),
    ...normalizationFields,
  },
  plan(options, data) {
    const { depth, width, branch, normalization: kind } = options as unknown as ResnetOptions;
    const branches = createBranches(
      'resnet',
      options,
      Array.from({ length: depth }, (_, k) => `block${k + 1}`),
    );
    const layers: Layer[] = [];
    const parameters: Parameter[] = [];
    const add = (name: string, place: Layer['kind'], scaleInvariant: Layer['scaleInvariant'], fanIn: number, fanOut: number) => {
      parameters.push({ name: `${name}.weight`, role: 'weight', shape: [fanIn, fanOut], fanIn, fanOut, layer: layers.length });
      layers.push({ name, kind: place, scaleInvariant });
      if (place === 'branch') parameters.push(...branches.shifts(name, layers.length - 1));
    };
    add('input', 'input', false, data.inputs, width);
    for (let k = 1; k <= depth; k++) {
      if (branch === 'res3') add(`block${k}.w`, 'branch', invariance(kind), width, width);
      parameters.push(...normalizationParameters(kind, `block${k}`, width, branch === 'res3' ? layers.length - 1 : layers.length));
      add(`block${k}.v`, 'branch', false, width, width);
      parameters.push(...branches.factor(`block${k}`, layers.length - 1));
    }
    add('readout', 'readout', false, width, data.outputs);
    return {
      layers,
      parameters,
      ...branches.leftOut,
      forward(g, context) {
        const weight = (name: string) => context.parameter(`${name}.weight`);
        const { before, after, join, penalty } = branches.pass(g, context);
        const taps: Pass['taps'][number][] = [];
        let h = g.matMul(context.x, weight('input')); // [B, N]
        taps.push({ preActivation: h, activation: h, stream: h });
        const start = h;
        for (let k = 1; k <= depth; k++) {
          const [w, v] = [`block${k}.w`, `block${k}.v`];
          const inner = branch === 'res3' ? after(g.matMul(before(h, w), weight(w)), w) : h;
          const activated = context.activation(normalized(g, options, inner, `block${k}`, context));
          if (branch === 'res3') taps.push({ preActivation: inner, activation: activated });
          const output = g.matMul(before(activated, v), weight(v));
          h = join(h, output, `block${k}`);
          taps.push({ preActivation: output, activation: h, stream: h });
        }
        const outputs = g.matMul(h, weight('readout')); // [B, K]
        return { outputs, taps: [...taps, { preActivation: outputs, activation: outputs }], start, ...penalty };
      },
    };
  },
};
