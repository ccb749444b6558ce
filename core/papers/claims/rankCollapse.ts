/** @file Ranks after the first large step: of the updates, which the softmax errors bound where the activation is smooth, and of what the layers then compute. */
import { singularValues } from '../../curvature/singular.ts';
import { participation } from '../../metrics/moments.ts';
import { mean, median } from '../../statistics.ts';
import { bootstrap, drawnSoFar, type Curve, type Estimate, type SimulatedClaim } from '../claim.ts';
import { started } from '../simulations/firstStep.ts';

const [rows, classes, depth] = [128, 10, 6];
/** Of the largest singular value: what is smaller counts as nothing. */
const tolerance = 1e-3;
const inits = { relu: 'he', gelu: 'he', elu: 'lecun', tanh: 'lecun' } as const;
type Function = keyof typeof inits;
const titles: Readonly<Record<Function, string>> = { relu: 'ReLU', gelu: 'GELU', elu: 'ELU', tanh: 'tanh' };
const sizes = {
  tiny: { width: 64, draws: 2, functions: ['relu', 'elu'] as const },
  quick: { width: 128, draws: 4, functions: ['relu', 'gelu', 'elu', 'tanh'] as const },
  full: { width: 1024, draws: 5, functions: ['relu', 'gelu', 'elu', 'tanh'] as const },
};

const spec = (name: 'ipLlr' | 'muP', of: Function, width: number, seed: number) => ({
  network: { kind: 'mlpChain', depth, width, bias: false },
  activation: of,
  init: inits[of],
  parameterization: name === 'ipLlr' ? { kind: 'ipLlr', calibrate: true } : name,
  dataset: { kind: 'gaussianMixture', inputs: 100, radius: 1.5, noise: 0.5, train: 2000, heldOut: 500 },
  batchSize: 128,
  steps: 200,
  optimizer: { kind: 'sgd', learningRate: 0.05 },
  seed,
  runtime: { precision: 'float64' },
});

export interface Ranks {
  /** Numerical, of the first update of every kernel. */
  readonly updates: readonly number[];
  /** Numerical and by trace, of every layer's pre-activations over the batch after it. */
  readonly layers: readonly number[];
  readonly traces: readonly number[];
}
export function ranks(name: 'ipLlr' | 'muP', of: Function, width: number, seed: number): Ranks {
  const network = started(spec(name, of, width, seed), rows);
  const slopes = network.slopes(network.forward(network.weights).outputs);
  const numerical = (values: Float64Array) => values.filter((value) => value > tolerance * values[0]!).length;
  const spectrum = (values: Float64Array, height: number) => singularValues({ rows: height, columns: values.length / height, values });
  const after = network.forward(network.stepped(slopes)).preActivations.map((h) => spectrum(h, rows));
  const updates = network.updates(slopes);
  return {
    updates: network.plan.stacks.map(({ name: stack, members: [member] }) => numerical(spectrum(updates.get(stack)!, member!.shape[0]!))),
    layers: after.map(numerical),
    traces: after.map(participation),
  };
}

export const rankCollapse: SimulatedClaim = {
  name: 'rankCollapse',
  title: 'After the first large step ReLU computes along one direction',
  statement:
    'At the integrable start pre-activations are small, where smooth activations are linear: then every update of the upper layers has the rank of the softmax errors, one less than the classes. With ReLU the updates have large rank, but what the layers compute after them is nearly of rank one, which it is not in muP.',
  formula:
    '\\operatorname{rank} \\Delta W^\\ell = C - 1\\ \\text{(smooth, upper layers)},\\qquad \\operatorname{rank} h^L \\approx 1\\ \\text{(ReLU)}',
  provenance: 'paper',
  assumptions: [
    'L = 6 hidden layers, no biases',
    'the first step of IP-LLR, calibrated; that of muP at rate 0.05',
    'numerical rank: singular values above 10⁻³ of the largest (our choice)',
  ],
  recipe:
    'm = 128 (full: 1,024), ten Gaussian classes in 100 dimensions, a batch of 128, 4 draws (full: 5), float64. The update of the readout has rank 9 with every activation, that of the last hidden matrix 9 with GELU, ELU and tanh and at least 27 with ReLU. After the step the last hidden pre-activations have, with ReLU, a trace rank below 1.5 and a numerical rank below the classes, in muP one of at least 27. The bounds 27, three times the rank of the softmax errors, and 1.5 are our choice.',
  discrepancy:
    'The stored outcomes, 5,000 images, m = 1,024, absolute tolerance 10⁻⁷: updates of rank 492, 512, 512, 512, 511, 490, 9 with ReLU and 424, 125, 10, 9, 9, 9, 9 with ELU; pre-activations of rank 593, 147, 9, 2, 1, 1 and 592, 87, 11, 9, 9, 9; with muP and ReLU 593 to 805. A numerical rank depends on tolerance, width and batch: the shape over layers is compared, not the numbers. What is left of the initial matrices still shows at m = 128, with smooth activations in the ranks of the pre-activations, which are not asked to be 9.',
  example: spec('ipLlr', 'relu', 128, 1),
  *measure(budget, seed) {
    const { width, draws, functions } = sizes[budget];
    const arms = [...functions.map((of) => ({ name: 'ipLlr' as const, of })), { name: 'muP' as const, of: 'relu' as Function }];
    const drawn: Ranks[][] = [];
    const words = ({ name, of }: (typeof arms)[number]) => `${name === 'muP' ? 'muP' : 'IP-LLR'}, ${titles[of]}`;
    const curve = (of: keyof Ranks, figure: string, x: string, y: string) =>
      arms.slice(0, drawn.length).map((arm, i): Curve => ({
        figure,
        title: words(arm),
        x,
        y,
        log: { y: true },
        points: drawn[i]![0]![of].map((_, layer) => ({
          x: layer + 1,
          y: median(drawn[i]!.map((all) => all[of][layer]!)),
          predicted: null,
        })),
      }));
    const curves = () => [
      ...curve('updates', 'Rank of the first updates', 'weight matrix', 'numerical rank'),
      ...curve('layers', 'Rank of the pre-activations after the first step', 'layer', 'numerical rank'),
      ...curve('traces', 'Trace rank of the pre-activations after the first step', 'layer', 'trace rank'),
    ];
    for (const { name, of } of arms) {
      const all: Ranks[] = [];
      for (let i = 0; i < draws; i++) {
        all.push(ranks(name, of, width, 100 * seed + i));
        yield (drawn.length + all.length / draws) / arms.length;
      }
      drawn.push(all);
      yield drawnSoFar(drawn.length / arms.length, curves());
    }
    const found = (arm: number, of: keyof Ranks, layer: number) =>
      bootstrap([drawn[arm]!.map((all) => all[of].at(layer)!)], ([all]) => mean(all!), seed);
    const most = 3 * (classes - 1);
    const estimates = arms.flatMap((arm, i): Estimate[] => {
      const smooth = arm.of !== 'relu';
      const readout: Estimate = {
        name: `${words(arm)}: rank of the readout’s first update`,
        ...found(i, 'updates', -1),
        predicted: classes - 1,
        window: [classes - 1, classes - 1],
      };
      const hidden: Estimate = {
        name: `${words(arm)}: rank of the last hidden matrix’s first update`,
        ...found(i, 'updates', -2),
        predicted: smooth ? classes - 1 : NaN,
        window: smooth ? [classes - 1, classes - 1] : [most, Infinity],
      };
      const layer: Estimate = {
        name: `${words(arm)}: rank of the last hidden layer after the step`,
        ...found(i, 'layers', -2),
        predicted: arm.name === 'muP' ? NaN : 1,
        window: arm.name === 'muP' ? [most, Infinity] : [1, classes - 1],
      };
      const trace: Estimate = { name: `${words(arm)}: its trace rank`, ...found(i, 'traces', -2), predicted: 1, window: [1, 1.5] };
      return smooth ? [readout, hidden] : arm.name === 'muP' ? [readout, layer] : [readout, hidden, layer, trace];
    });
    return {
      estimates,
      curves: curves(),
    };
  },
};
