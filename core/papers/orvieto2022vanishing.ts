/** @file P1: curvature and gradients of deep random networks vanish in the median while their mean stays. */
import type { Paper } from '../define.ts';
import { adaptiveEscape } from './claims/adaptiveEscape.ts';
import { blocksVanish } from './claims/blocksVanish.ts';
import { chainMedians } from './claims/chainMedians.ts';
import { diagonalVanishes } from './claims/diagonalVanishes.ts';
import { gradientsOverLayers } from './claims/gradientsOverLayers.ts';
import { hollowHessian } from './claims/hollowHessian.ts';
import { meanAndMedian } from './claims/meanAndMedian.ts';
import { narrowNetworks } from './claims/narrowNetworks.ts';
import { normalizationExplodes } from './claims/normalizationExplodes.ts';
import { normalizationRescues } from './claims/normalizationRescues.ts';
import { residualsRescue } from './claims/residualsRescue.ts';
import { widthNeedsDepth } from './claims/widthNeedsDepth.ts';
import { widthRescues } from './claims/widthRescues.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/orvieto2022vanishing.json' with { type: 'json' };

export const orvieto2022vanishing: Paper = {
  place: 1,
  card: {
    name: 'orvieto2022vanishing',
    title: 'Vanishing curvature in randomly initialized deep ReLU networks',
    formula: '\\operatorname{med}\\|x^L\\| \\approx e^{-5L/(4d)}',
    about:
      'Gradients and Hessians of deep random networks vanish in the median although their second moments stay; width in proportion to depth, residual connections and adaptive steps are what helps.',
    source: 'Orvieto, Kohler, Pavllo, Hofmann and Lucchi 2022',
  },
  fields: {},
  claims: [
    chainMedians,
    meanAndMedian,
    widthNeedsDepth,
    gradientsOverLayers,
    diagonalVanishes,
    blocksVanish,
    hollowHessian,
    adaptiveEscape,
    narrowNetworks,
    widthRescues,
    residualsRescue,
    normalizationRescues,
    normalizationExplodes,
  ],
  recorded: recorded as RecordedClaims,
};
