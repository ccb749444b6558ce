/** @file Stochastic gradient Langevin dynamics: gradient steps with Gaussian noise, which sample from a Gibbs law instead of descending. */
import type { Optimizer } from '../define.ts';
import { learningRate } from './learningRates.ts';

export const sgld: Optimizer = {
  card: {
    name: 'sgld',
    title: 'SGLD',
    formula: 'w \\leftarrow w - \\tfrac{\\epsilon}{2} g + \\sqrt{\\epsilon T}\\, \\xi,\\quad \\xi \\sim \\mathcal N(0, I)',
    about:
      'Samples from exp(-L/T) for small ε = η times the schedule; a prior is a regularizer, N examples a temperature of T/N. With the restarts schedule it is the cyclical variant.',
    source: 'Welling and Teh 2011; Zhang, Li, Zhang, Chen and Wilson 2020',
  },
  fields: {
    learningRate: learningRate(0.01),
    temperature: { type: 'number', title: 'Temperature', symbol: 'T', min: 0, max: 1e6, default: 1e-4, log: true },
  },
  slots: [],
  update(g, { gradient, learningRate: eta, noise }, { temperature }) {
    const drift = g.mul(gradient, g.mul(eta, -0.5));
    return { change: g.add(drift, g.mul(noise(), g.sqrt(g.mul(eta, temperature as number)))), slots: {} };
  },
};
