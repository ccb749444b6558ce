/** @file Expressive power of polynomial networks: the dimension of what they can be. */
import type { Paper } from '../define.ts';
import { familyDimension } from './claims/familyDimension.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/kileel2019expressive.json' with { type: 'json' };

export const kileel2019expressive: Paper = {
  card: {
    name: 'kileel2019expressive',
    title: 'On the expressive power of deep polynomial neural networks',
    formula: '\\dim\\{f_w\\} = \\operatorname{rank}\\,\\partial f/\\partial w',
    about: 'Networks with polynomial activations fill a variety of polynomials; its dimension measures what they can express.',
    source: 'Kileel, Trager and Bruna 2019',
  },
  fields: {},
  claims: [familyDimension],
  recorded: recorded as RecordedClaims,
};
