/** @file P5: the smallest eigenvalue of the Gram matrix of gradients, which decides how fast a wide network fits, by activation. */
import type { Paper } from '../define.ts';
import { dataDimension } from './claims/dataDimension.ts';
import { depthCures } from './claims/depthCures.ts';
import { finiteWidth } from './claims/finiteWidth.ts';
import { fittingTime } from './claims/fittingTime.ts';
import { halfCircleLaws } from './claims/halfCircleLaws.ts';
import { kernelFormulas } from './claims/kernelFormulas.ts';
import { polynomialRank } from './claims/polynomialRank.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/panigrahi2020activations.json' with { type: 'json' };

export const panigrahi2020activations: Paper = {
  place: 5,
  card: {
    name: 'panigrahi2020activations',
    title: 'Effect of activation functions on the training of overparametrized neural nets',
    formula: "G_{ij} = \\langle x_i, x_j\\rangle\\, \\mathbb E\\,\\phi'(w \\cdot x_i)\\,\\phi'(w \\cdot x_j)",
    about:
      'Activations with a kink keep the smallest eigenvalue of the Gram matrix large on any data; smooth ones lose it on data of low dimension, unless the network is deep.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {},
  claims: [halfCircleLaws, dataDimension, fittingTime, depthCures, kernelFormulas, finiteWidth, polynomialRank],
  recorded: recorded as RecordedClaims,
};
