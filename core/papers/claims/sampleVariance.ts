/** @file How much of a layer's pre-activations differs between samples: with He less with every layer, behind batch normalization always as much. */
import { rowAt } from '../../results.ts';
import { mean } from '../../statistics.ts';
import { sampleVarianceFractions } from '../../theory/depthLaws.ts';
import { bootstrap, type Budget, type TrainedClaim } from '../claim.ts';
import { lean, seedsOf, estimateOver } from '../arms.ts';

const sizes: Readonly<Record<Budget, { readonly seeds: number; readonly width: number; readonly depth: number; readonly probe: number }>> =
  {
    tiny: { seeds: 2, width: 128, depth: 10, probe: 64 },
    quick: { seeds: 4, width: 256, depth: 20, probe: 128 },
    full: { seeds: 10, width: 400, depth: 50, probe: 200 },
  };
const kinds = ['none', 'batchNorm'] as const;
/** What a kernel puts out whose inputs are rectified standard normals, independent over samples: 1 - 1/π of its square varies. */
const behindNormalization = 1 - 1 / Math.PI;
const checked = [2, 5, 10];

export const sampleVariance: TrainedClaim = {
  name: 'sampleVariance',
  title: 'He keeps the variance, but not that between samples',
  statement:
    'He initialization keeps the total square of pre-activations in a deep ReLU network; the part of it that differs between samples decays with depth, until every input looks the same. With batch normalization before the activation every layer starts afresh.',
  formula:
    'c_{\\ell+1} = \\frac{\\sqrt{1-c_\\ell^2} + (\\pi - \\arccos c_\\ell)\\, c_\\ell}{\\pi},\\qquad \\frac{\\operatorname{Var}_b h_\\ell}{\\overline{h_\\ell^2}} = 1 - c_\\ell',
  provenance: 'derived',
  assumptions: ['ReLU, He, wide layers', 'Gaussian inputs, uncorrelated between samples', 'initialization'],
  recipe:
    '20 layers of 256 units (full: 50 of 400), 4 seeds (full: 10), 128 samples. The mean share at layers 2, 5 and 10 must be within 0.05 of 1 - c. With batch normalization the share in what a kernel puts out, before it is normalized, must be within 0.05 of 1 - 1/π = 0.682 at the last layer; behind the normalization it is 1 by construction.',
  example: {
    network: { kind: 'mlpChain', depth: 20, width: 128 },
    dataset: { kind: 'gaussianMixture', classes: 2, inputs: 128, radius: 0 },
    metrics: { samples: 10 },
  },
  specs(budget, seed) {
    const { seeds, width, depth, probe } = sizes[budget];
    return seedsOf(seed, seeds).flatMap((each, i) =>
      kinds.map((normalization) => ({
        ...lean,
        network: { kind: 'mlpChain', depth, width, normalization },
        init: 'he',
        dataset: { kind: 'gaussianMixture', classes: 2, inputs: width, radius: 0, noise: 1, train: 256, heldOut: 16, seed: i },
        steps: 1,
        seed: each,
        metrics: { ...lean.metrics, host: ['sampleVarianceFraction'], samples: 1, probeSize: probe },
      })),
    );
  },
  metrics: ['sampleVarianceFraction'],
  judge(runs, seed) {
    const depth = Math.max(1, ...runs.map(({ spec }) => spec.network.depth as number));
    const rows = (kind: string) =>
      runs.flatMap((run) => {
        const row = run.spec.network.normalization === kind ? rowAt(run.series('sampleVarianceFraction'), 0) : null;
        return row ? [row] : [];
      });
    const at = (kind: string, layer: number) => rows(kind).map((row) => row[layer - 1]!);
    const law = sampleVarianceFractions(depth);
    const near = (name: string, values: readonly number[], predicted: number) =>
      estimateOver(name, [values], ([all]) => mean(all!), { predicted, window: [predicted - 0.05, predicted + 0.05], seed });
    const curve = (title: string, kind: string, predicted: (layer: number) => number) => ({
      figure: 'Share of the pre-activations’ square that differs between samples',
      title,
      x: 'layer',
      y: 'share',
      law: kind === 'none' ? '1 - c_\\ell' : '1 - 1/\\pi',
      points: law.map((_, i) => {
        const { value: y, interval } = bootstrap([at(kind, i + 1)], ([all]) => mean(all!), seed);
        return { x: i + 1, y, interval, predicted: predicted(i + 1) };
      }),
    });
    const curves = [
      { title: 'He', kind: 'none', predicted: (layer: number) => law[layer - 1]! },
      { title: 'with batch normalization', kind: 'batchNorm', predicted: (layer: number) => (layer === 1 ? 1 : behindNormalization) },
    ].filter(({ kind }) => rows(kind).length > 0);
    return {
      estimates: [
        ...checked.map((layer) => near(`He, layer ${layer}`, at('none', layer), law[layer - 1] ?? NaN)),
        near('batch normalization, last hidden layer', at('batchNorm', depth), behindNormalization),
      ],
      curves: curves.map(({ title, kind, predicted }) => curve(title, kind, predicted)),
    };
  },
};
