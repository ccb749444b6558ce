/** @file One hidden layer, either side of which may stay as it was drawn. */
import type { Network, Parameter } from '../define.ts';

export const twoLayer: Network = {
  card: {
    name: 'twoLayer',
    title: 'Two-layer network',
    formula: 'f(x) = n^{-\\gamma} \\sum_k a_k\\, \\phi(w_k \\cdot x + b_k)',
    about:
      'γ = ½ is the kernel scaling, 1 the mean field. With the hidden layer frozen it is a model of random features, with the readout frozen that of the Gram matrix.',
    source: 'Du, Zhai, Póczos and Singh 2019',
  },
  fields: {
    width: { type: 'integer', title: 'Width', symbol: 'n', unit: 'units', min: 1, max: 65_536, default: 256 },
    bias: { type: 'boolean', title: 'Bias', default: false },
    exponent: { type: 'number', title: 'Output exponent', symbol: '\\gamma', min: 0, max: 1, default: 0 },
    trained: { type: 'choice', title: 'Trained', choices: ['both', 'hidden', 'readout'], default: 'both' },
  },
  plan(options, data) {
    const { width, bias, exponent, trained } = options as unknown as { width: number; bias: boolean; exponent: number; trained: string };
    const hidden = { fanIn: data.inputs, fanOut: width, layer: 0, frozen: trained === 'readout' };
    const parameters: Parameter[] = [
      { name: 'hidden.weight', role: 'weight', shape: [data.inputs, width], ...hidden },
      ...(bias ? [{ name: 'hidden.bias', role: 'bias', shape: [width], ...hidden } as const] : []),
      {
        name: 'readout.weight',
        role: 'weight',
        shape: [width, data.outputs],
        fanIn: width,
        fanOut: data.outputs,
        layer: 1,
        frozen: trained === 'hidden',
      },
    ];
    return {
      parameters,
      layers: [
        { name: 'hidden', kind: 'hidden', scaleInvariant: false },
        { name: 'readout', kind: 'readout', scaleInvariant: false },
      ],
      forward(g, { x, parameter, activation }) {
        const product = g.matMul(x, parameter('hidden.weight'));
        const h = bias ? g.add(product, parameter('hidden.bias')) : product; // [B, N]
        const features = activation(h);
        const outputs = g.mul(g.matMul(features, parameter('readout.weight')), width ** -exponent);
        return {
          outputs,
          taps: [
            { preActivation: h, activation: features },
            { preActivation: outputs, activation: outputs },
          ],
        };
      },
    };
  },
};
