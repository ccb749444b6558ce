/** @file Procedural images of the ten digits: strokes with random place, size, slant, turn, thickness and noise. No download. */
import type { Dataset } from '../define.ts';
import type { Rng } from '../rng.ts';
import { evenLabels, labelNoise, numbers, relabel, sampleFields, split, standardize } from './standardized.ts';
import { digits, distance, type Stroke } from './strokes.ts';

/** One digit's strokes after a random affine map around the middle. `jitter` 0 leaves it as drawn. */
function deformed(rng: Rng, strokes: readonly Stroke[], jitter: number): Stroke[] {
  const vary = (size: number) => jitter * size * (2 * rng.uniform() - 1);
  const [angle, slant, scaleX, scaleY, moveX, moveY] = [vary(0.25), vary(0.25), 1 + vary(0.15), 1 + vary(0.15), vary(0.1), vary(0.1)];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return strokes.map((stroke) =>
    stroke.map(([px, py]) => {
      const [x, y] = [scaleX * (px - 0.5) + slant * (py - 0.5), scaleY * (py - 0.5)];
      return [0.5 + moveX + cos * x - sin * y, 0.5 + moveY + sin * x + cos * y] as const;
    }),
  );
}

export const glyphs: Dataset = {
  card: {
    name: 'glyphs',
    title: 'Glyph images',
    formula: 'x = \\mathrm{draw}(y;\\ \\text{place, size, slant, turn, thickness}) + \\sigma\\,\\xi',
    about: 'The ten digits drawn with random strokes, a stand-in for handwritten ones that needs no download. Pixels are standardized.',
    source: 'our choice',
  },
  fields: {
    size: { type: 'integer', title: 'Image side', unit: 'pixels', min: 12, max: 64, default: 12 },
    jitter: {
      type: 'number',
      title: 'Jitter',
      min: 0,
      max: 2,
      default: 1,
      about: 'How much place, size, slant and turn vary; 0 draws every digit alike.',
    },
    noise: {
      type: 'number',
      title: 'Noise',
      symbol: '\\sigma',
      min: 0,
      max: 5,
      default: 0.2,
      about: 'Gaussian, per pixel; ink is 1, paper 0.',
    },
    labelNoise,
    ...sampleFields(2000, 1000),
  },
  targets: 'labels',
  sizes(options) {
    const { size, train, heldOut } = options as unknown as Record<'size' | 'train' | 'heldOut', number>;
    return { inputs: size ** 2, outputs: 10, train, heldOut, imageShape: [size, size, 1] };
  },
  generate(rng, options) {
    const { size, jitter, noise, train, heldOut } = numbers<'size' | 'jitter' | 'noise' | 'train' | 'heldOut'>(options);
    const n = train + heldOut;
    const labels = evenLabels(rng, n, 10);
    const inputs = new Float32Array(n * size * size);
    for (let i = 0; i < n; i++) {
      const strokes = deformed(rng, digits[labels[i]!]!, jitter);
      const thickness = 0.06 * (1 + jitter * 0.4 * (2 * rng.uniform() - 1));
      for (let p = 0; p < size * size; p++) {
        const away = distance(strokes, ((p % size) + 0.5) / size, (Math.floor(p / size) + 0.5) / size) - thickness;
        const ink = Math.min(1, Math.max(0, 0.5 - away * size)); // the edge is one pixel wide
        inputs[i * size * size + p] = ink + noise * rng.normal();
      }
    }
    relabel(rng, labels, options, 10);
    return standardize(split({ inputs, labels, n, inputSize: size * size, outputSize: 10, imageShape: [size, size, 1] }, train));
  },
};
