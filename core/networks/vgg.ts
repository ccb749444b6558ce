/** @file Convolutions in stages, each stage doubling the channels and mostly halving the image; a linear readout. */
import type { Network } from '../define.ts';
import { globalAveragePool } from '../graph/convolution.ts';
import { createImagePass, createImagePlan, imageOf, kernelField, poolingField } from './images.ts';
import { normalizationFields } from './normalizations.ts';

interface VggOptions {
  readonly stages: number;
  readonly convolutions: number;
  readonly channels: number;
  readonly kernel: string;
  readonly pooling: 'max' | 'average' | 'stride' | 'none';
  readonly head: 'flatten' | 'average';
  readonly normalization: string;
}

export const vgg: Network = {
  card: {
    name: 'vgg',
    title: 'Convolutional network (VGG)',
    formula: 'x_\\ell = \\phi(N(W_\\ell * x_{\\ell-1}))',
    about: 'Stages of convolutions with pooling between them. One stage of many convolutions is the plain convolutional chain.',
    source: 'Simonyan and Zisserman 2015',
  },
  fields: {
    stages: { type: 'integer', title: 'Stages', min: 1, max: 5, default: 3 },
    convolutions: { type: 'integer', title: 'Convolutions a stage', min: 1, max: 100, default: 1 },
    channels: {
      type: 'integer',
      title: 'Channels of the first stage',
      min: 1,
      max: 512,
      default: 16,
      about: 'Each stage has twice as many as the one before.',
    },
    kernel: kernelField,
    pooling: poolingField,
    head: {
      type: 'choice',
      title: 'Before the readout',
      choices: ['average', 'flatten'],
      default: 'average',
      about: 'The mean of each channel, or every pixel.',
    },
    ...normalizationFields,
  },
  plan(options, data) {
    const { stages, convolutions, channels, kernel, pooling, head, normalization } = options as unknown as VggOptions;
    const image = imageOf('vgg', data);
    const plan = createImagePlan(options, image);
    const pools = (stage: number) => stage > 0 && (pooling === 'max' || pooling === 'average');
    const stride = (stage: number, k: number) => (pooling === 'stride' && stage > 0 && k === 0 ? 2 : 1);
    const name = (stage: number, k: number) => `stage${stage + 1}.conv${k + 1}`;
    for (let stage = 0; stage < stages; stage++) {
      if (pools(stage)) plan.halve();
      for (let k = 0; k < convolutions; k++) {
        const filters = channels * 2 ** stage;
        plan.convolution(name(stage, k), 'hidden', Number(kernel), filters, { stride: stride(stage, k) }).resize();
        if (normalization === 'none') plan.bias(name(stage, k), filters);
      }
    }
    plan.readout(head === 'average' ? plan.channels() : plan.channels() * plan.pixels(), data.outputs);
    return {
      layers: plan.layers,
      parameters: plan.parameters,
      multiplications: plan.multiplications(),
      forward(g, context) {
        const pass = createImagePass(g, options, context, image);
        let x = pass.image;
        for (let stage = 0; stage < stages; stage++) {
          if (pools(stage)) x = pass.pool(x, pooling);
          for (let k = 0; k < convolutions; k++) {
            const filtered = pass.convolve(x, name(stage, k), stride(stage, k));
            const h = normalization === 'none' ? g.add(filtered, context.parameter(`${name(stage, k)}.bias`)) : filtered;
            x = pass.tap(h, context.activation(pass.normalize(h, name(stage, k))));
          }
        }
        return pass.readout(head === 'average' ? globalAveragePool(g, x) : x);
      },
    };
  },
};
