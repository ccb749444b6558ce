/** @file Norms through deep random layers stay of order one only where the width grows in proportion to the depth. */
import { mean } from '../../statistics.ts';
import { linearLayerLaw, reluLayerLaw } from '../../theory/depthLaws.ts';
import { bootstrap, exact, slope, type Budget, type Curve, type Estimate, type Finding, type SimulatedClaim } from '../claim.ts';
import { logNorms } from '../simulations/wideLayers.ts';

const sizes: Readonly<Record<Budget, { readonly draws: number; readonly widths: readonly number[]; readonly depths: readonly number[] }>> =
  {
    tiny: { draws: 40, widths: [16, 32, 64], depths: [16, 32, 64] },
    quick: { draws: 200, widths: [8, 16, 32, 64], depths: [16, 32, 64, 128] },
    full: { draws: 2_000, widths: [8, 16, 32, 64, 128], depths: [16, 32, 64, 128, 256] },
  };
const kinds = [
  { title: 'ReLU, He', relu: true, law: reluLayerLaw, window: [-3, -2.4] },
  { title: 'linear, variance 1/d', relu: false, law: linearLayerLaw, window: [-1.15, -0.9] },
] as const;
/** From this width on the slope is near its limit. */
const wideEnough = 16;

/** @param draw the log ratios of networks that live */
export function* overWidths(budget: Budget, seed: number, draw = logNorms): Generator<number, Finding> {
  const { draws, widths, depths } = sizes[budget];
  const estimates: Estimate[] = [];
  const curves: Curve[] = [];
  for (const [at, { title, relu, law, window }] of kinds.entries()) {
    const cells: { width: number; depth: number; values: number[] }[] = [];
    for (const width of widths)
      for (const depth of depths) {
        cells.push({ width, depth, values: draw({ width, depth, relu, draws }, seed) });
        yield (at + cells.length / (widths.length * depths.length)) / kinds.length;
      }
    const wide = cells.filter(({ width }) => width >= wideEnough);
    const x = wide.map(({ width, depth }) => depth / width);
    const predicted = ({ width, depth }: { width: number; depth: number }) => depth * law(width).mean;
    estimates.push({
      name: `slope against L/d, ${title}`,
      ...bootstrap(
        wide.map(({ values }) => values),
        (groups) => slope(x, groups.map(mean)),
        seed,
      ),
      predicted: slope(x, wide.map(predicted)),
      window,
    });
    if (relu) estimates.push(furthest(cells, predicted));
    for (const width of widths)
      curves.push({
        figure: title,
        title: `width ${width}`,
        x: 'L/d',
        y: 'mean log ratio of squared norms',
        points: cells
          .filter((cell) => cell.width === width)
          .map((cell) => ({
            x: cell.depth / width,
            y: mean(cell.values),
            interval: bootstrap([cell.values], ([drawn]) => mean(drawn!), seed).interval,
            predicted: predicted(cell),
          })),
      });
  }
  return { estimates, curves };
}

/** How far the worst cell is off its exact mean, in units of the allowed error: four standard errors and 2%. */
function furthest(
  cells: readonly { readonly width: number; readonly depth: number; readonly values: readonly number[] }[],
  predicted: (cell: { width: number; depth: number }) => number,
): Estimate {
  const errors = cells.map((cell) => {
    const { width, depth, values } = cell;
    const allowed = 4 * Math.sqrt((reluLayerLaw(width).variance * depth) / values.length) + 0.02 * Math.abs(predicted(cell));
    return Math.abs(mean(values) - predicted(cell)) / allowed;
  });
  return exact('largest error of a cell’s mean over what is allowed, ReLU', Math.max(...errors), 0, [0, 1]);
}

export const widthNeedsDepth: SimulatedClaim = {
  name: 'widthNeedsDepth',
  title: 'Width must grow with depth',
  statement:
    'The log of the squared norm after L layers of width d falls like L/d: it stays of order one only if the width grows in proportion to the depth.',
  formula:
    '\\mathbb E \\log\\frac{\\|x^L\\|^2}{\\|x^0\\|^2} = L\\,\\bigl(\\mathbb E\\,\\psi(K/2) + \\log\\tfrac4d\\bigr) \\approx -\\frac{5L}{2d}',
  provenance: 'derived',
  assumptions: ['Gaussian weights of variance 2/d (ReLU) or 1/d (linear), no biases', 'networks that died are left out'],
  recipe:
    'Widths 8, 16, 32, 64 and depths 16, 32, 64, 128, 200 networks each (full: up to 128 wide and 256 deep, 2,000). The slope of the mean against L/d, widths from 16 on, must lie between -3.0 and -2.4 (ReLU) and between -1.15 and -0.9 (linear, our choice), and no ReLU cell’s mean may be off its exact value by more than four standard errors and 2%.',
  example: { network: { kind: 'mlpChain', depth: 32, width: 16 }, dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16 } },
  measure: (budget, seed) => overWidths(budget, seed),
};
