/** @file Integrable, with a first step that gets off the plateau. */
import type { Parameterization } from '../define.ts';
import { baseWidth, firstSteps, fromTable, integrable, largeInitial } from './exponents.ts';

export const ipLlr: Parameterization = {
  card: {
    name: 'ipLlr',
    title: 'Integrable, large initial rates',
    formula: 'c_0 = -\\tfrac12 (L+1, L+2, L+1),\\quad c_{t \\ge 1} = (-1, -2, -1)',
    about:
      'First steps so large that they make up for the vanishing gradient of the start (biases, scales and shifts of layer ℓ take c₀ = -(L-ℓ+2)/2, those of the readout 0); then as the integrable one. The first step equals that of muP. Rates grow like a power of the width, so keep float32 in mind. Adam-like optimizers need no such step: for them c = 0 throughout.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: {
    baseWidth,
    firstSteps,
    calibrate: {
      type: 'boolean',
      title: 'Calibrate the first steps',
      default: false,
      about:
        'In place of η the first layer takes 1, every other layer, bottom first, the number at which the first gradient step changes what it computes on the second batch by the target on average.',
    },
    hiddenChange: {
      type: 'number',
      title: 'Change of hidden layers',
      symbol: '\\overline{|\\Delta h|}',
      min: 1e-6,
      max: 1000,
      default: 1,
      log: true,
      about: 'The target of calibration.',
    },
    outputChange: {
      type: 'number',
      title: 'Change of the output',
      symbol: '\\overline{|\\Delta f|}',
      min: 1e-6,
      max: 1000,
      default: 0.1,
      log: true,
      about: 'The target of calibration.',
    },
    largestBase: {
      type: 'number',
      title: 'At most',
      min: 1,
      max: 1e6,
      default: 500,
      log: true,
      about: 'What calibration takes in place of η.',
    },
    // six ReLU layers of 512, 784 standardized inputs: the second layer is calibrated to 2.5 without the factor, to 0.004 with it;
    // published are 35 to 115, so the factor may belong to a first layer that is written as W/√(d + 1)
    inputFactor: {
      type: 'boolean',
      title: 'First layer faster',
      default: false,
      about: 'Its rate times d + 1 in all steps, as the authors’ code has it. Try without first: updates of the first layer grow with d.',
    },
  },
  scaling(request, { firstSteps, inputFactor }) {
    const scaling = { ...fromTable(integrable, request), ...(inputFactor && request.place === 'input' ? { rate: request.fanIn + 1 } : {}) };
    return request.gradientPower < 1 ? scaling : { ...scaling, first: { c: largeInitial(request), steps: firstSteps as number } };
  },
  calibration: ({ calibrate, hiddenChange, outputChange, largestBase }) =>
    calibrate ? { hidden: hiddenChange as number, output: outputChange as number, largest: largestBase as number } : null,
};
