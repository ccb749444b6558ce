/** @file P3: how residual branches must be scaled with depth, for independent and for smooth weights. */
import type { Paper } from '../define.ts';
import { hurstPlane } from './claims/hurstPlane.ts';
import { logNormal } from './claims/logNormal.ts';
import { regimes } from './claims/regimes.ts';
import { smoothnessStays } from './claims/smoothnessStays.ts';
import { smoothThreshold } from './claims/smoothThreshold.ts';
import { trainedPlane } from './claims/trainedPlane.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/marion2022scaling.json' with { type: 'json' };

export const marion2022scaling: Paper = {
  place: 3,
  card: {
    name: 'marion2022scaling',
    title: 'Scaling ResNets in the large-depth regime',
    formula: 'h_{k+1} = h_k + L^{-\\beta} V_{k+1}\\, \\phi(W_{k+1} h_k)',
    about:
      'The factor in front of residual branches decides whether a deep network is the identity, has a limit or explodes; which factor is right depends on how the weights vary over depth.',
    source: 'Marion, Fermanian, Biau and Vert 2025',
  },
  fields: {},
  claims: [regimes, logNormal, smoothThreshold, hurstPlane, trainedPlane, smoothnessStays],
  recorded: recorded as RecordedClaims,
};
