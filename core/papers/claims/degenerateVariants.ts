/** @file Integrable networks that do not vanish at the start, by unscaled biases or weights with a mean: what they see of the input, or of each other, vanishes instead. */
import { mean, median } from '../../statistics.ts';
import { spreadExponents } from '../../theory/widthScaling.ts';
import { slopeOfMedians, type Curve, type Estimate, type SimulatedClaim } from '../claim.ts';
import { started, startedSpec } from '../simulations/firstStep.ts';

const rows = 24;
const depth = 4;
const sizes = {
  tiny: { widths: [64, 128, 256], draws: 4 },
  quick: { widths: [64, 128, 256, 512], draws: 6 },
  full: { widths: [128, 256, 512, 1024, 2048], draws: 6 },
};
const variants = ['ipNonCentred', 'ipBias'] as const;
type Variant = (typeof variants)[number];
const titles: Readonly<Record<Variant, string>> = { ipNonCentred: 'with a mean', ipBias: 'with biases' };
const ratios: Readonly<Record<Variant, string>> = {
  ipNonCentred: 'deviation over units / |mean|',
  ipBias: 'deviation over inputs / over units',
};

const specOf = (variant: string, width: number, seed: number) => startedSpec(variant, { depth, width, bias: variant === 'ipBias' }, seed);

const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

/** Of each hidden layer's pre-activations at the start: how different its units are, or how different the inputs look to it. */
export function spreads(variant: string, width: number, seed: number, along: Variant = variant as Variant): number[] {
  const network = started(specOf(variant, width, seed), rows);
  return network
    .forward(network.weights)
    .preActivations.slice(0, depth)
    .map((h) => {
      const units = Array.from({ length: rows }, (_, b) => Array.from(h.subarray(b * width, (b + 1) * width)));
      if (along === 'ipNonCentred') return mean(units.map((row) => deviation(row) / Math.abs(mean(row))));
      const inputs = Array.from({ length: width }, (_, k) => deviation(units.map((row) => row[k]!)));
      return Math.sqrt(mean(inputs.map((value) => value ** 2))) / Math.sqrt(mean(units.map((row) => deviation(row) ** 2)));
    });
}

export const degenerateVariants: SimulatedClaim = {
  name: 'degenerateVariants',
  title: 'Biases or a mean keep the start alive, but blind',
  statement:
    'Unscaled biases or weights of mean 1 keep the layers of an integrable network from vanishing. But with a mean all units of a layer become equal as the width grows, and with biases layers no longer depend on the input, the less the deeper.',
  formula:
    '\\frac{\\operatorname{sd}_j h_j^\\ell}{|\\overline{h^\\ell}|} \\sim m^{-1/2}\\ \\text{(mean)},\\qquad \\frac{\\operatorname{sd}_x h^\\ell}{\\operatorname{sd}_j h^\\ell} \\sim m^{-(\\ell - 1)/2}\\ \\text{(biases)}',
  provenance: 'derived',
  assumptions: ['ReLU', 'independent weights of mean 1 behind the first layer, or none and biases of deviation 1', 'at initialization'],
  recipe:
    'L = 4, m from 64 to 512 (full: 128 to 2,048), 6 draws, 24 inputs, float64. Slopes in logarithms of medians: -½ ± 0.1 in layer 2 of both; with biases -1 and -3/2 ± 0.2 in layers 3 and 4.',
  example: specOf('ipBias', 256, 1),
  *measure(budget, seed) {
    const { widths, draws } = sizes[budget];
    const drawn: number[][][][] = []; // per variant, width, draw: layers
    for (const variant of variants) {
      const all: number[][][] = [];
      for (const width of widths) {
        all.push(Array.from({ length: draws }, (_, i) => spreads(variant, width, 100 * seed + i)));
        yield (drawn.length + all.length / widths.length) / variants.length;
      }
      drawn.push(all);
    }
    const logs = (v: number, layer: number) => drawn[v]!.map((all) => all.map((layers) => Math.log(layers[layer - 1]!)));
    const wanted = [
      { v: 0, layer: 2, within: 0.1 },
      { v: 1, layer: 2, within: 0.1 },
      { v: 1, layer: 3, within: 0.2 },
      { v: 1, layer: 4, within: 0.2 },
    ];
    const exponent = (v: number, layer: number) => spreadExponents(layer)[variants[v]!];
    return {
      estimates: wanted.map(({ v, layer, within }): Estimate => {
        const predicted = exponent(v, layer);
        return {
          name: `${titles[variants[v]!]}: slope of the spread in layer ${layer}`,
          ...slopeOfMedians(widths.map(Math.log), logs(v, layer), seed),
          predicted,
          window: [predicted - within, predicted + within],
        };
      }),
      curves: variants.flatMap((variant, v) =>
        [2, 3, 4].map((layer): Curve => {
          const values = logs(v, layer).map((all) => median(all));
          // the law says nothing of the factor: the line goes through the middle of the points
          const factor = mean(values.map((value, i) => value - exponent(v, layer) * Math.log(widths[i]!)));
          return {
            figure: `Spread ${titles[variant]}`,
            title: `layer ${layer}`,
            x: 'width',
            y: ratios[variant],
            log: { x: true, y: true },
            points: widths.map((x, i) => ({ x, y: Math.exp(values[i]!), predicted: Math.exp(factor) * x ** exponent(v, layer) })),
          };
        }),
      ),
    };
  },
};
