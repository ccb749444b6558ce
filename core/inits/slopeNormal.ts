/** @file Gaussian weights whose variance makes up for the slope of the activation at 0: the law of the integrable parameterizations' experiments. */
import type { Init, InitRequest } from '../define.ts';
import { sizeOf } from '../graph/node.ts';
import { drawWithVariance } from './distributions.ts';

/** 2, 4, 1, 1 for ReLU, GELU, ELU and tanh; Infinity where the activation is flat at 0. */
function varianceOf(activation: InitRequest['activation']): number {
  const [above, below] = activation(Float64Array.of(1e-9, -1e-9)).slope;
  const squares = above! ** 2 + below! ** 2;
  return squares > 1e-12 ? 2 / squares : Infinity;
}

export const slopeNormal: Init = {
  card: {
    name: 'slopeNormal',
    title: 'Normal, by the slope at 0',
    formula:
      "w \\sim N(0, v/n),\\quad v = 2/(\\phi'(0^+)^2 + \\phi'(0^-)^2);\\quad \\text{first layer } N(0, v/(d+1)),\\ \\text{readout } N(0, 1/n)",
    about:
      'Activations that are small keep their size. v is 2 for ReLU, 4 for GELU, 1 for ELU and tanh. The first layer counts its bias as an input and draws it at random.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {
    inputBias: {
      type: 'number',
      title: 'Biases of the first layer',
      min: 0,
      max: 100,
      default: 1,
      about: 'Their deviation over √v.',
    },
  },
  draw: (rng, { shape, fanIn, place, activation }) =>
    drawWithVariance(
      rng,
      shape,
      place === 'output' ? 1 / fanIn : place === 'input' ? varianceOf(activation) / (fanIn + 1) : varianceOf(activation) / fanIn,
      { kind: 'normal', distribution: 'normal' },
    ),
  bias(rng, { shape, place, activation }, { inputBias }) {
    const deviation = place === 'input' ? (inputBias as number) * Math.sqrt(varianceOf(activation)) : 0;
    return Float64Array.from({ length: sizeOf(shape) }, () => deviation * rng.normal());
  },
  fault: ({ activation, activationName }) =>
    Number.isFinite(varianceOf(activation))
      ? null
      : `slopeNormal needs an activation with a slope at 0, and ${activationName} is flat there`,
};
