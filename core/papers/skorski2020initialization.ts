/** @file Initialization judged by the Hessian. */
import type { Paper } from '../define.ts';
import { blockNormsAtStart } from './claims/blockNormsAtStart.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/skorski2020initialization.json' with { type: 'json' };

export const skorski2020initialization: Paper = {
  card: {
    name: 'skorski2020initialization',
    title: 'Revisiting initialization of neural networks',
    formula: '\\|H_{\\ell\\ell}\\| \\sim \\|\\delta^\\ell\\|^2\\,\\|x^{\\ell-1}\\|^2',
    about: 'The norm of the Hessian tells a good initialization from a poor one: a product of what comes forward and what comes back.',
    source: 'Skorski, Temperoni and Theobald 2020',
  },
  fields: {},
  claims: [blockNormsAtStart],
  recorded: recorded as RecordedClaims,
};
