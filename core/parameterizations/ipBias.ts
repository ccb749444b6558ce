/** @file Integrable, with biases of their own size. */
import type { Parameterization } from '../define.ts';
import { baseWidth, firstSteps, fromTable, integrable, largeInitial } from './exponents.ts';

export const ipBias: Parameterization = {
  card: {
    name: 'ipBias',
    title: 'Integrable, unscaled biases',
    formula:
      'h_\\ell = m^{-a} W_\\ell x + B_\\ell,\\quad c_0 = \\bigl(-\\tfrac12(L+1), -\\tfrac12(L-\\ell+4), -1\\bigr),\\ -\\tfrac12(L-\\ell+2)\\ \\text{for}\\ B_\\ell,\\quad B_\\ell \\sim N(0, \\sigma^2)',
    about:
      'Biases without the factor 1/width, drawn at random: pre-activations no longer vanish, but depend less on the input with every layer. Later c = (-1, -2, -1), for biases -1; for Adam-like optimizers c = 0 throughout.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {
    baseWidth,
    firstSteps,
    deviation: { type: 'number', title: 'Deviation of the biases', symbol: '\\sigma', min: 0, max: 100, default: 1 },
  },
  scaling(request, { deviation, firstSteps }) {
    const scaling = fromTable(integrable, request);
    const { role, place, layer, depth, gradientPower } = request;
    const drawn = role === 'bias' ? { deviation: deviation as number } : {};
    if (gradientPower < 1) return { ...scaling, ...drawn };
    const hidden = role === 'weight' && place === 'hidden';
    const c = hidden ? -(depth - layer + 4) / 2 : role === 'weight' && place === 'output' ? -1 : largeInitial(request);
    return { ...scaling, ...drawn, first: { c, steps: firstSteps as number } };
  },
};
