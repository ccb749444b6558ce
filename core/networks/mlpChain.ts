/** @file A chain of dense layers: h_ℓ = W_ℓ x_{ℓ-1} (+ b_ℓ), normalization, activation; then a linear readout. */
import type { Layer, Network, Parameter, Pass } from '../define.ts';
import { invariance, normalizationFields, normalizationParameters, normalized } from './normalizations.ts';

export const mlpChain: Network = {
  card: {
    name: 'mlpChain',
    title: 'MLP chain',
    formula: 'x_\\ell = \\phi(N(W_\\ell x_{\\ell-1} + b_\\ell)),\\ \\ell = 1 \\dots L;\\quad f = W_{L+1} x_L + b_{L+1}',
    about: 'L hidden layers of one width and a linear readout. A layer that is normalized has no bias: the shift takes its place.',
    source: 'definition',
  },
  fields: {
    depth: { type: 'integer', title: 'Depth', symbol: 'L', unit: 'hidden layers', min: 1, max: 1000, default: 10 },
    width: { type: 'integer', title: 'Width', symbol: 'n', unit: 'units', min: 1, max: 4096, default: 64 },
    bias: { type: 'boolean', title: 'Bias', default: true },
    ...normalizationFields,
  },
  plan(options, data) {
    const {
      depth,
      width,
      bias,
      normalization: kind,
    } = options as unknown as { depth: number; width: number; bias: boolean; normalization: string };
    const layers: Layer[] = [];
    const parameters: Parameter[] = [];
    for (let layer = 0; layer <= depth; layer++) {
      const readout = layer === depth;
      const name = readout ? 'readout' : `layer${layer + 1}`;
      const [fanIn, fanOut] = [layer === 0 ? data.inputs : width, readout ? data.outputs : width];
      layers.push({ name, kind: readout ? 'readout' : 'hidden', scaleInvariant: readout ? false : invariance(kind) });
      parameters.push({ name: `${name}.weight`, role: 'weight', shape: [fanIn, fanOut], fanIn, fanOut, layer });
      if (bias && (readout || kind === 'none'))
        parameters.push({ name: `${name}.bias`, role: 'bias', shape: [fanOut], fanIn, fanOut, layer });
      if (!readout) parameters.push(...normalizationParameters(kind, name, width, layer));
    }
    const biased = new Set(parameters.filter(({ role }) => role === 'bias').map(({ layer }) => layer));
    return {
      layers,
      parameters,
      forward(g, context) {
        const taps: Pass['taps'][number][] = [];
        let x = context.x;
        layers.forEach(({ name, kind: place }, layer) => {
          const product = g.matMul(x, context.parameter(`${name}.weight`)); // [B, N]
          const preActivation = biased.has(layer) ? g.add(product, context.parameter(`${name}.bias`)) : product;
          x = place === 'readout' ? preActivation : context.activation(normalized(g, options, preActivation, name, context));
          taps.push({ preActivation, activation: x });
        });
        return { outputs: x, taps };
      },
    };
  },
};
