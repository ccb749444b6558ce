/** @file P4: integrable parameterizations of deep networks of large width. */
import type { Paper } from '../define.ts';
import { activationDecides } from './claims/activationDecides.ts';
import { degenerateVariants } from './claims/degenerateVariants.ts';
import { firstStepIsMaximal } from './claims/firstStepIsMaximal.ts';
import { rankCollapse } from './claims/rankCollapse.ts';
import { stationaryStart } from './claims/stationaryStart.ts';
import { variantsStandStill } from './claims/variantsStandStill.ts';
import { widthExponents } from './claims/widthExponents.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/hajjar2021integrable.json' with { type: 'json' };

export const hajjar2021integrable: Paper = {
  place: 4,
  card: {
    name: 'hajjar2021integrable',
    title: 'Training integrable parameterizations of deep networks',
    formula:
      'h_\\ell = \\tfrac1m W_\\ell\\, x_{\\ell-1}\\ (\\ell \\ge 2),\\qquad W_\\ell = U_\\ell,\\ U_\\ell\\ \\text{independent of}\\ m',
    about:
      'The mean-field scaling 1/m in every layer: from four weight layers on such networks start at a stationary point as they widen. Large rates in the first step alone make them learn, and equal a modified muP; how well depends on the activation.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {},
  claims: [widthExponents, firstStepIsMaximal, stationaryStart, activationDecides, rankCollapse, degenerateVariants, variantsStandStill],
  recorded: recorded as RecordedClaims,
};
