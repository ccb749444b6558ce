/** @file Points spread evenly over the unit sphere, or over that of a random subspace, with random signs to be memorized. */
import type { Dataset } from '../define.ts';
import { orthonormalColumns } from '../inits/haar.ts';
import { numbers, onSphere, randomSigns, sampleFields, split } from './standardized.ts';

export const sphere: Dataset = {
  card: {
    name: 'sphere',
    title: 'Sphere with random signs',
    formula: "x_i = Q s_i,\\quad Q^\\top Q = I_{d'},\\ \\|s_i\\| = 1,\\quad y_i = \\pm 1",
    about:
      'Nothing to learn, only to memorize: how fast is ruled by the smallest eigenvalues of the Gram matrix, so by the dimension of what the inputs span.',
    source: 'Panigrahi, Shetty and Goyal 2020',
  },
  fields: {
    inputs: { type: 'integer', title: 'Dimension', symbol: 'd', min: 2, max: 4096, default: 10 },
    rank: {
      type: 'integer',
      title: 'Dimension of the span',
      symbol: "d'",
      min: 0,
      max: 256,
      default: 0,
      about: 'Of a random subspace that holds all inputs; 0 stands for all dimensions.',
    },
    ...sampleFields(50, 50),
  },
  targets: 'values',
  range: 'signs',
  sizes(options) {
    const { inputs, train, heldOut } = numbers<'inputs' | 'train' | 'heldOut'>(options);
    return { inputs, outputs: 1, train, heldOut };
  },
  faults(options) {
    const { rank, inputs } = numbers<'rank' | 'inputs'>(options);
    if (rank === 1) return [{ field: 'rank', message: 'must be 0 or at least 2, got 1: all points would be one and its opposite' }];
    return rank <= inputs ? [] : [{ field: 'rank', message: `must be at most the ${inputs} inputs, got ${rank}` }];
  },
  generate(rng, options) {
    const { inputs: d, rank, train, heldOut } = numbers<'inputs' | 'rank' | 'train' | 'heldOut'>(options);
    const n = train + heldOut;
    const inputs = new Float64Array(n * d);
    const basis = rank === 0 ? null : orthonormalColumns(rng, d, rank);
    for (let i = 0; i < n; i++) {
      const s = onSphere(rng, basis?.length ?? d, 1);
      if (!basis) inputs.set(s, i * d);
      else for (let j = 0; j < d; j++) basis.forEach((q, k) => (inputs[i * d + j]! += s[k]! * q[j]!));
    }
    return split({ inputs, values: randomSigns(rng, n), n, inputSize: d, outputSize: 1 }, train);
  },
};
