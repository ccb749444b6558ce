/** @file A chain of dense layers, each behind an independent-component layer: normalization and dropout of its inputs. */
import type { Layer, Network, Parameter, Pass } from '../define.ts';
import { normalizationFields, normalizationParameters, normalized } from './normalizations.ts';

export const icChain: Network = {
  card: {
    name: 'icChain',
    title: 'IC chain',
    formula: 'x_1 = \\phi(W_1 x_0 + b_1),\\quad x_{\\ell+1} = \\phi(W_{\\ell+1}\\, m_\\ell \\circ N(x_\\ell)/p + b_{\\ell+1})',
    about:
      'Normalization and dropout stand in front of each weight layer but the first, which takes the data as they are: the inputs of a layer become less dependent, their correlation p times as large.',
    source: 'Chen, Chen, Shi, Hsieh, Liao and Zhang 2019',
  },
  fields: {
    depth: { type: 'integer', title: 'Depth', symbol: 'L', unit: 'hidden layers', min: 1, max: 1000, default: 10 },
    width: { type: 'integer', title: 'Width', symbol: 'n', unit: 'units', min: 1, max: 4096, default: 64 },
    rate: { type: 'number', title: 'Share left out', symbol: '1-p', min: 0, max: 0.95, default: 0.05, about: 'In training steps only.' },
    ...normalizationFields,
    normalization: { ...normalizationFields.normalization, default: 'batchNorm' } as typeof normalizationFields.normalization,
  },
  plan(options, data) {
    const { depth, width, rate, normalization } = options as unknown as {
      depth: number;
      width: number;
      rate: number;
      normalization: string;
    };
    const layers: Layer[] = [];
    const parameters: Parameter[] = [];
    for (let layer = 0; layer <= depth; layer++) {
      const readout = layer === depth;
      const name = readout ? 'readout' : `layer${layer + 1}`;
      const shared = { fanIn: layer === 0 ? data.inputs : width, fanOut: readout ? data.outputs : width, layer };
      // the activation lies between a kernel and the next normalization, so what may be rescaled depends on it
      layers.push({ name, kind: readout ? 'readout' : 'hidden', scaleInvariant: false });
      if (layer > 0) parameters.push(...normalizationParameters(normalization, name, width, layer));
      parameters.push({ name: `${name}.weight`, role: 'weight', shape: [shared.fanIn, shared.fanOut], ...shared });
      parameters.push({ name: `${name}.bias`, role: 'bias', shape: [shared.fanOut], ...shared });
    }
    return {
      layers,
      parameters,
      dropout: rate,
      forward(g, context) {
        const taps: Pass['taps'][number][] = [];
        let x = context.x;
        layers.forEach(({ name, kind }, layer) => {
          const inputs = layer === 0 ? x : context.dropout(normalized(g, options, x, name, context), rate);
          const preActivation = g.add(g.matMul(inputs, context.parameter(`${name}.weight`)), context.parameter(`${name}.bias`));
          x = kind === 'readout' ? preActivation : context.activation(preActivation);
          taps.push({ preActivation, activation: x });
        });
        return { outputs: x, taps };
      },
    };
  },
};
