/** @file Gaussian classes in a random subspace, with noise outside of it: in training, or only where the network is judged. */
import type { Dataset } from '../define.ts';
import { orthonormalColumns } from '../inits/haar.ts';
import type { Rng } from '../rng.ts';
import { evenLabels, fieldSizes, labelNoise, numbers, onSphere, relabel, sampleFields, split, standardize } from './standardized.ts';

/** Q s + σ (I - Q Qᵀ) ξ; the noise is drawn even where σ is 0, so that runs that differ in σ share everything else. */
function lifted(rng: Rng, basis: readonly Float64Array[], coordinates: ArrayLike<number>, d: number, sigma: number) {
  const r = basis.length;
  const inputs = new Float64Array((coordinates.length / r) * d);
  for (let row = 0; row * r < coordinates.length; row++) {
    const x = inputs.subarray(row * d, (row + 1) * d);
    for (let j = 0; j < d; j++) x[j] = sigma * rng.normal();
    for (let k = 0; k < r; k++) {
      const q = basis[k]!;
      let along = 0;
      if (sigma > 0) for (let j = 0; j < d; j++) along += q[j]! * x[j]!;
      const missing = coordinates[row * r + k]! - along;
      for (let j = 0; j < d; j++) x[j]! += missing * q[j]!;
    }
  }
  return inputs;
}

export const lowRank: Dataset = {
  card: {
    name: 'lowRank',
    title: 'Low-rank mixture',
    formula: 'x = Q s + \\sigma_\\perp (I - QQ^\\top)\\xi,\\quad Q^\\top Q = I_r,\\ s = r\\,\\mu_y + \\sigma\\,\\zeta',
    about:
      'A mixture in r of d dimensions. Weights outside the span get no gradient from it; a shift of the held-out set there shows what they do to predictions.',
    source: 'our choice, after Liu, Cui, Wan, Mao and Chan 2021',
  },
  fields: {
    classes: { type: 'integer', title: 'Classes', symbol: 'K', min: 2, max: 1000, default: 4 },
    inputs: { type: 'integer', title: 'Inputs', symbol: 'd', min: 1, max: 4096, default: 40 },
    rank: { type: 'integer', title: 'Rank', symbol: 'r', min: 1, max: 256, default: 10 },
    radius: { type: 'number', title: 'Radius of the means', min: 0, max: 100, default: 1 },
    noise: { type: 'number', title: 'Noise in the span', symbol: '\\sigma', min: 0, max: 100, default: 1 },
    offSpan: { type: 'number', title: 'Noise outside the span', symbol: '\\sigma_\\perp', min: 0, max: 100, default: 0 },
    shift: { type: 'number', title: 'The same, held-out set', min: 0, max: 100, default: 0, about: 'Added to the noise of all samples.' },
    labelNoise,
    ...sampleFields(1000, 1000),
  },
  targets: 'labels',
  sizes: fieldSizes,
  faults(options) {
    const { rank, inputs } = numbers<'rank' | 'inputs'>(options);
    return rank <= inputs ? [] : [{ field: 'rank', message: `must be at most the ${inputs} inputs, got ${rank}` }];
  },
  generate(rng, options) {
    const { classes, inputs: d, rank: r } = numbers<'classes' | 'inputs' | 'rank'>(options);
    const { radius, noise, offSpan, shift, train, heldOut } = numbers<'radius' | 'noise' | 'offSpan' | 'shift' | 'train' | 'heldOut'>(
      options,
    );
    const n = train + heldOut;
    const basis = orthonormalColumns(rng, d, r);
    const means = Array.from({ length: classes }, () => onSphere(rng, r, radius * Math.sqrt(r)));
    const labels = evenLabels(rng, n, classes);
    const inSpan = Float64Array.from({ length: n * r }, (_, i) => means[labels[Math.floor(i / r)]!]![i % r]! + noise * rng.normal());
    relabel(rng, labels, options, classes);
    const parts = standardize(split({ inputs: inSpan, labels, n, inputSize: r, outputSize: classes }, train));
    const lift = (part: typeof parts.train, sigma: number) => ({
      ...part,
      inputSize: d,
      inputs: lifted(rng, basis, part.inputs, d, sigma),
    });
    return { train: lift(parts.train, offSpan), heldOut: lift(parts.heldOut, Math.hypot(offSpan, shift)) };
  },
};
