/** @file A residual network of convolutions, pre-activation, whose branches are scaled by L^-β. */
import type { Network } from '../define.ts';
import { globalAveragePool } from '../graph/convolution.ts';
import { branchFields, createBranches } from './branches.ts';
import { createImagePass, createImagePlan, imageOf } from './images.ts';
import { normalizationFields, normalizationParameters } from './normalizations.ts';

interface ResnetOptions {
  readonly stages: number;
  readonly blocks: number;
  readonly channels: number;
  readonly normalization: string;
}

const residual = branchFields(0);

export const convolutionalResnet: Network = {
  card: {
    name: 'convolutionalResnet',
    title: 'Convolutional residual network',
    formula: 'h \\leftarrow S h + L^{-\\beta}\\, V * \\phi(N(W * \\phi(N(h))))',
    about:
      'Pre-activation blocks of two 3 x 3 convolutions. A stage begins with stride 2 and a 1 x 1 convolution in place of the identity S.',
    source:
      'He, Zhang, Ren and Sun 2016; gate: Bachlechner et al. 2021; scalars: Zhang, Dauphin and Ma 2019; stochastic depth: Huang et al. 2016; pruning: Guenter and Sideris 2024, the straight-through rule is our choice',
  },
  fields: {
    stages: { type: 'integer', title: 'Stages', min: 1, max: 4, default: 3 },
    blocks: { type: 'integer', title: 'Blocks a stage', min: 1, max: 100, default: 1 },
    channels: { type: 'integer', title: 'Channels of the first stage', min: 1, max: 512, default: 16 },
    ...residual,
    scalars: {
      ...residual.scalars,
      about: `${residual.scalars.about} Such numbers also stand before and after the kernel of the input, and before the readout.`,
    },
    ...normalizationFields,
    normalization: { ...normalizationFields.normalization, default: 'batchNorm' } as typeof normalizationFields.normalization,
  },
  plan(options, data) {
    const { stages, blocks, channels, normalization } = options as unknown as ResnetOptions;
    const image = imageOf('convolutionalResnet', data);
    const plan = createImagePlan(options, image);
    const all = Array.from({ length: stages * blocks }, (_, i) => {
      const [stage, block] = [Math.floor(i / blocks), i % blocks];
      return { name: `stage${stage + 1}.block${block + 1}`, filters: channels * 2 ** stage, stride: stage > 0 && block === 0 ? 2 : 1 };
    });
    const branches = createBranches(
      'convolutionalResnet',
      options,
      all.map(({ name }) => name),
    );
    const scalarsOf = (name: string, places?: 1) => plan.parameters.push(...branches.shifts(name, plan.layers.length - 1, places));
    plan.convolution('input', 'input', 3, channels, { followed: false }).resize();
    scalarsOf('input');
    for (const { name, filters, stride } of all) {
      const from = plan.channels();
      // the normalization in front of a block sees the sum of all before it, so no single kernel in front of it is scale invariant
      plan.parameters.push(...normalizationParameters(normalization, `${name}.first`, from, plan.layers.length));
      const inner = plan.convolution(`${name}.w`, 'branch', 3, filters, { stride });
      scalarsOf(`${name}.w`);
      if (stride > 1) plan.convolution(`${name}.shortcut`, 'hidden', 1, filters, { stride, followed: false });
      inner.resize();
      plan.convolution(`${name}.v`, 'branch', 3, filters, { followed: false });
      scalarsOf(`${name}.v`);
      plan.parameters.push(...branches.factor(name, plan.layers.length - 1));
    }
    plan.parameters.push(...normalizationParameters(normalization, 'last', plan.channels(), plan.layers.length - 1));
    plan.readout(plan.channels(), data.outputs);
    scalarsOf('readout', 1);
    return {
      layers: plan.layers,
      parameters: plan.parameters,
      multiplications: plan.multiplications(),
      ...branches.leftOut,
      forward(g, context) {
        const pass = createImagePass(g, options, context, image);
        const { before, after, join, penalty } = branches.pass(g, context);
        const input = after(pass.convolve(before(pass.image, 'input'), 'input'), 'input');
        let h = pass.tap(input, input, { stream: true });
        const start = h;
        for (const { name, stride } of all) {
          const first = before(context.activation(pass.normalize(h, `${name}.first`)), `${name}.w`);
          const inner = after(pass.convolve(first, `${name}.w`, stride), `${name}.w`);
          const middle = pass.tap(inner, context.activation(pass.normalize(inner, `${name}.w`)));
          let kept = h;
          if (stride > 1) {
            kept = pass.convolve(first, `${name}.shortcut`, stride);
            pass.tap(kept, kept);
          }
          const branch = pass.convolve(before(middle, `${name}.v`), `${name}.v`);
          h = join(kept, branch, name);
          pass.tap(branch, h, { stream: true });
        }
        const last = globalAveragePool(g, context.activation(pass.normalize(h, 'last')));
        return { ...pass.readout(before(last, 'readout')), start, ...penalty };
      },
    };
  },
};
