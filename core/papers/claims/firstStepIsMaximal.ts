/** @file Integrable parameterization with large initial rates: its first step is that of muP, at every width. */
import { median } from '../../statistics.ts';
import { bootstrap, drawnSoFar, slopeOfMedians, type Curve, type Estimate, type SimulatedClaim } from '../claim.ts';
import { relativeDifference, started, startedSpec, type Weights } from '../simulations/firstStep.ts';

const rows = 32;
const learningRate = 0.05;
const sizes = {
  tiny: { widths: [20, 40, 80], depths: [4], seeds: 4 },
  quick: { widths: [30, 60, 120, 240], depths: [2, 4, 6], seeds: 8 },
  full: { widths: [64, 128, 256, 512, 1024], depths: [2, 4, 6], seeds: 8 },
};
const largest = (a: Weights, b: Weights) => Math.max(...[...b].map(([name, values]) => relativeDifference(a.get(name)!, values)));

/** Of one draw: IP-LLR against muP with muP's slopes of the loss, with its own; and what it leaves against the hybrid. */
function differences(depth: number, width: number, seed: number) {
  const [llr, muP, hybrid] = ['ipLlr', 'muP', 'hybrid'].map((name) =>
    started(startedSpec(name, { depth, width }, seed, learningRate), rows),
  );
  const slopes = muP!.slopes(muP!.forward(muP!.weights).outputs);
  const own = llr!.slopes(llr!.forward(llr!.weights).outputs);
  const expected = muP!.updates(slopes);
  return {
    forced: largest(llr!.updates(slopes), expected),
    own: largest(llr!.updates(own), expected),
    left: largest(llr!.stepped(slopes), hybrid!.stepped(slopes)),
  };
}

export const firstStepIsMaximal: SimulatedClaim = {
  name: 'firstStepIsMaximal',
  title: 'With large initial rates the first integrable step is muP’s',
  statement:
    'Rates that grow like a power of the width make up for the vanishing gradients of the integrable start: the first update of every effective weight equals that of muP, and what it leaves behind is muP with its initial hidden matrices shrunk by 1/√m.',
  formula:
    '\\Delta w_\\ell^{\\text{IP-LLR}} = \\Delta w_\\ell^{\\mu P}\\ \\text{for equal}\\ \\chi = \\partial\\mathcal L/\\partial f,\\qquad w_1 = m^{-1/2} w_0^{\\mu P} + \\Delta w^{\\mu P}\\ \\text{(hidden)}',
  provenance: 'derived',
  assumptions: ['ReLU, no biases', 'the same draws U in both', 'plain gradient descent', 'the same slopes χ of the loss in the outputs'],
  recipe:
    'L = 2, 4, 6, m from 30 to 240 (full: 64 to 1,024), 8 draws, 32 examples of 10 classes, float64. With muP’s slopes in both, the largest relative difference over layers must be below 1e-10. With slopes of its own the difference is that of χ, which muP’s output of size m^-½ makes: slope -½ ± 0.15 in logarithms.',
  example: startedSpec('ipLlr', { depth: 4, width: 256 }, 1, learningRate),
  *measure(budget, seed) {
    const { widths, depths, seeds } = sizes[budget];
    const cells: { depth: number; width: number; all: ReturnType<typeof differences>[] }[] = [];
    const groups = (depth: number, of: 'forced' | 'own') =>
      cells.filter((cell) => cell.depth === depth).map(({ all }) => all.map((values) => Math.log(values[of])));
    const curves = () =>
      depths.flatMap((depth) =>
        (['own', 'forced'] as const).map((of): Curve => ({
          figure: of === 'own' ? 'Each with its own χ' : 'With equal χ',
          title: `L = ${depth}`,
          x: 'width',
          y: 'largest relative difference of the first updates',
          log: { x: true, y: true },
          points: groups(depth, of).map((logs, i) => ({ x: widths[i]!, y: Math.exp(median(logs)), predicted: null })),
        })),
      );
    for (const depth of depths)
      for (const width of widths) {
        cells.push({ depth, width, all: Array.from({ length: seeds }, (_, i) => differences(depth, width, 100 * seed + i)) });
        yield drawnSoFar(cells.length / (depths.length * widths.length), curves());
      }
    const worst = (of: 'forced' | 'left') => [cells.flatMap(({ all }) => all.map((values) => values[of]))];
    const max = (groups: readonly (readonly number[])[]) => Math.max(...groups[0]!);
    return {
      estimates: [
        { name: 'first update against muP’s', ...bootstrap(worst('forced'), max, seed), predicted: 0, window: [0, 1e-10] },
        { name: 'weights after it against the hybrid’s', ...bootstrap(worst('left'), max, seed), predicted: 0, window: [0, 1e-10] },
        ...depths.map((depth): Estimate => ({
          name: `L = ${depth}: slope of the difference with its own χ`,
          ...slopeOfMedians(widths.map(Math.log), groups(depth, 'own'), seed),
          predicted: -0.5,
          window: [-0.65, -0.35],
        })),
      ],
      curves: curves(),
    };
  },
};
