/** @file Standard error of each block’s norm over the random probes, of the root by the delta method. */
import type { Metric } from '../define.ts';

export const blockNormsError: Metric = {
  card: {
    name: 'blockNormsError',
    title: 'Standard errors of the blocks’ norms',
    formula:
      '\\mathrm{se}(\\lVert H_{k\\ell}\\rVert_F) = \\frac{\\mathrm{se}(s_{k\\ell})}{2\\sqrt{s_{k\\ell}}}, \\quad s_{k\\ell} = \\langle \\tfrac{1}{2} \\lVert (Hz_\\ell)_k\\rVert^2 + \\tfrac{1}{2} \\lVert (Hz_k)_\\ell\\rVert^2 \\rangle_z',
    about:
      'Standard error of each block’s norm over the random probes: that of the mean square, carried to its root. A probe counts once, with the mean of a block and its mirror image. 0 where the norm is 0.',
    source: 'definition',
  },
  fields: {},
  axes: ['layer', 'layer'],
  cost: 'product',
  scale: 'log',
  procedure: 'curvature',
  instrument: 'offDiagonal',
};
