/** @file Quadratic activations: how many samples recover a teacher. */
import type { Paper } from '../define.ts';
import { quadraticThreshold } from './claims/quadraticThreshold.ts';
import type { RecordedClaims } from './findingJson.ts';
import recorded from './recorded/sarao2020quadratic.json' with { type: 'json' };

export const sarao2020quadratic: Paper = {
  card: {
    name: 'sarao2020quadratic',
    title: 'Optimization and generalization of shallow neural networks with quadratic activation functions',
    formula: 'n_* \\approx (m_* + 1)\\,d - \\tfrac{m_*(m_*+1)}2',
    about:
      'With quadratic units a network is a quadratic form: gradient descent recovers a narrow teacher from a number of samples proportional to the inputs.',
    source: 'Sarao Mannelli, Vanden-Eijnden and Zdeborová 2020',
  },
  fields: {},
  claims: [quadraticThreshold],
  recorded: recorded as RecordedClaims,
};
