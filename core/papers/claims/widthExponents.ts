/** @file Integrable parameterization: how the output, the first updates and what they change fall with the width, and that of muP as a control. */
import { mean, median } from '../../statistics.ts';
import { integrableExponents } from '../../theory/widthScaling.ts';
import { drawnSoFar, slopeOfMedians, type Curve, type Estimate, type SimulatedClaim } from '../claim.ts';
import { size, started, startedSpec } from '../simulations/firstStep.ts';

const rows = 16;
const sizes = {
  tiny: { widths: [32, 64, 128], depths: [2, 4], draws: 4 },
  quick: { widths: [64, 128, 256, 512], depths: [2, 3, 4], draws: 5 },
  full: { widths: [128, 256, 512, 1024, 1400], depths: [2, 3, 4, 5], draws: 5 },
};
const quantities = {
  output: { title: 'output f', window: 0.35 },
  inputUpdate: { title: 'first update of the input matrix', window: 0.3 },
  hiddenUpdate: { title: 'first update of the hidden matrices', window: 0.3 },
  readoutUpdate: { title: 'first update of the readout', window: 0.3 },
  outputChange: { title: 'first change of the output', window: 0.35 },
} as const;
type Quantity = keyof typeof quantities;

/** Root mean square entries, of W = m^a w where they are of weights. */
export function entries(parameterization: string, depth: number, width: number, seed: number): Readonly<Record<Quantity, number>> {
  const network = started(startedSpec(parameterization, { depth, width }, seed), rows);
  const { outputs } = network.forward(network.weights);
  const slopes = network.slopes(outputs);
  const updates = [...network.updates(slopes)].map(([name, values]) => {
    const [member] = network.plan.stacks.find((stack) => stack.name === name)!.members;
    return size(values) * network.plan.scalings.get(member!)!.unit;
  });
  const after = network.forward(network.stepped(slopes)).outputs;
  return {
    output: size(outputs),
    inputUpdate: updates[0]!,
    hiddenUpdate: Math.exp(mean(updates.slice(1, -1).map(Math.log))),
    readoutUpdate: updates.at(-1)!,
    outputChange: size(after.map((value, i) => value - outputs[i]!)),
  };
}

export const widthExponents: SimulatedClaim = {
  name: 'widthExponents',
  title: 'Integrable networks stand still as they widen, the faster the deeper',
  statement:
    'With the factor 1/m in every layer behind the first, the output at the start, the first updates and what they change vanish like powers of the width m. From four weight layers on nothing is left to learn with.',
  formula: 'f_0 \\sim m^{-L/2},\\qquad \\Delta W_{\\text{hidden}} \\sim m^{-(L-2)/2},\\qquad \\Delta f \\sim m^{-(L-2)}',
  provenance: 'derived',
  assumptions: ['ReLU, L hidden layers, no biases', 'centred independent weights', 'plain gradient descent', '∂loss/∂f of order 1'],
  recipe:
    'L = 2, 3, 4, m from 64 to 512 (full: L to 5, m from 128 to 1,400), 5 draws, 16 examples of 10 classes, rate 0.1, float64. Slopes of medians in logarithms: those of f and Δf within 0.35 of the exponents, those of the updates within 0.3; and of muP’s Δf within 0.35 of 0.',
  example: startedSpec('ip', { depth: 3, width: 256 }, 1),
  *measure(budget, seed) {
    const { widths, depths, draws } = sizes[budget];
    const arms = depths.flatMap((depth) => (['ip', 'muP'] as const).map((parameterization) => ({ depth, parameterization })));
    const drawn: Record<Quantity, number>[][][] = [];
    const logs = (arm: number, of: Quantity) => drawn[arm]!.map((all) => all.map((values) => Math.log(values[of])));
    const curve = (arm: number, of: Quantity): Curve => {
      const { depth, parameterization } = arms[arm]!;
      const values = logs(arm, of).map((all) => median(all));
      const exponent = parameterization === 'ip' ? integrableExponents(depth)[of] : 0;
      // the law says nothing of the factor: the line goes through the middle of the points
      const factor = mean(values.map((value, i) => value - exponent * Math.log(widths[i]!)));
      return {
        figure: quantities[of].title[0]!.toUpperCase() + quantities[of].title.slice(1),
        title: `${parameterization === 'ip' ? 'integrable' : 'muP'}, L = ${depth}`,
        x: 'width',
        y: 'root mean square entry',
        log: { x: true, y: true },
        points: widths.map((x, i) => ({ x, y: Math.exp(values[i]!), predicted: Math.exp(factor) * x ** exponent })),
      };
    };
    const figures = () =>
      (['output', 'hiddenUpdate', 'outputChange'] as const).flatMap((of) =>
        arms
          .slice(0, drawn.length)
          .flatMap(({ parameterization }, arm) => (parameterization === 'ip' || of === 'outputChange' ? [curve(arm, of)] : [])),
      );
    for (const { depth, parameterization } of arms) {
      const all: Record<Quantity, number>[][] = [];
      for (const width of widths) {
        all.push(Array.from({ length: draws }, (_, i) => entries(parameterization, depth, width, 100 * seed + i)));
        yield (drawn.length + all.length / widths.length) / arms.length;
      }
      drawn.push(all);
      yield drawnSoFar(drawn.length / arms.length, figures());
    }
    const names = Object.keys(quantities) as Quantity[];
    const estimates = arms.flatMap(({ depth, parameterization }, arm) => {
      const exponents = integrableExponents(depth);
      return names
        .filter((of) => parameterization === 'ip' || of === 'outputChange')
        .map((of): Estimate => {
          const predicted = parameterization === 'ip' ? exponents[of] : 0;
          const { title, window } = quantities[of];
          return {
            name: `${parameterization === 'ip' ? 'integrable' : 'muP'}, L = ${depth}: slope of the ${title}`,
            ...slopeOfMedians(widths.map(Math.log), logs(arm, of), seed),
            predicted,
            window: [predicted - window, predicted + window],
          };
        });
    });
    return { estimates, curves: figures() };
  },
};
