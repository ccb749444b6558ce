/** @file Integrable, with a first step that gets off the plateau. */
import type { Parameterization } from '../define.ts';
import { baseWidth, firstSteps, fromTable, integrable, largeInitial } from './exponents.ts';

export const ipLlr: Parameterization = {
  card: {
    name: 'ipLlr',
    title: 'Integrable, large initial rates',
    formula: 'c_0 = -\\tfrac12 (L+1, L+2, L+1),\\quad c_{t \\ge 1} = (-1, -2, -1)',
    about:
      'First steps so large that they make up for the vanishing gradient of the start; then as the integrable one. The first step equals that of muP. Rates grow like a power of the width, so keep float32 in mind. Adam-like optimizers need no such step.',
    source: 'Hajjar, Chizat and Giraud 2021',
  },
  fields: { baseWidth, firstSteps },
  scaling(request, { firstSteps }) {
    const scaling = fromTable(integrable, request);
    return request.gradientPower < 1 ? scaling : { ...scaling, first: { c: largeInitial(request), steps: firstSteps as number } };
  },
};
