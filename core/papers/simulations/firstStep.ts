/** @file A network of a spec at initialization and after one step of gradient descent on given slopes of the loss; in float64, biases and all. */
import { entry } from '../../catalog.ts';
import { createBuilder } from '../../graph/builder.ts';
import { gradient } from '../../graph/differentiate.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { calibratedRates } from '../../programs/calibration.ts';
import { dataShape, forwardPass, initialWeights, planRun, stackInputs, type RunPlan } from '../../programs/plan.ts';
import { rng } from '../../rng.ts';
import { parseSpec } from '../../spec.ts';

export type Weights = ReadonlyMap<string, Float64Array>;
export interface Passed {
  readonly outputs: Float64Array; // [B, K]
  readonly preActivations: readonly Float64Array[]; // [B, N] each
}

export interface StartedNetwork {
  readonly plan: RunPlan;
  /** Of the batch. */
  readonly labels: ArrayLike<number>;
  /** Effective weights, by parameter. */
  readonly weights: Weights;
  forward(weights: Weights): Passed;
  /** ∂loss/∂outputs of the mean softmax cross-entropy over the batch, [B, K]. */
  slopes(outputs: Float64Array): Float64Array;
  /** What the first step of plain gradient descent, its rates calibrated where the spec says so, adds to each parameter where the slopes of the loss in the outputs are these. */
  updates(slopes: Float64Array): Weights;
  /** The weights after that step. */
  stepped(slopes: Float64Array): Weights;
}

/** A chain of `depth` hidden ReLU layers on ten Gaussian classes: what claims about the first step look at, and a run of it to change one thing of. */
export const startedSpec = (
  parameterization: string,
  { depth, width, bias = false }: { readonly depth: number; readonly width: number; readonly bias?: boolean },
  seed: number,
  learningRate = 0.1,
) => ({
  network: { kind: 'mlpChain', depth, width, bias },
  activation: 'relu',
  init: 'he',
  parameterization,
  dataset: { kind: 'gaussianMixture', train: 2000, heldOut: 500 },
  batchSize: 128,
  steps: 200,
  optimizer: { kind: 'sgd', learningRate },
  seed,
  runtime: { precision: 'float64' },
});

/** The first `rows` examples of the spec's data are the batch. */
export function started(input: Readonly<Record<string, unknown>>, rows: number): StartedNetwork {
  const spec = parseSpec(input);
  const { train } = entry('dataset', spec.dataset.kind).generate!(rng(Number(spec.dataset.seed), 'data'), spec.dataset);
  const plan = planRun(spec, dataShape(train), { groupLimit: 0 });
  const x = train.inputs.subarray(0, rows * train.inputSize);
  const classes = train.outputSize;
  const g = createBuilder('float64');
  const stacks = stackInputs(g, plan).map(({ input }) => input);
  const pass = forwardPass(g, plan, stacks, g.input('x', [rows, train.inputSize]), rows);
  const slopes = g.input('slopes', [rows, classes]);
  const gradients = gradient(g, g.sum(g.mul(pass.outputs, slopes)), stacks);
  const weights = initialWeights(plan);
  const rate = spec.optimizer.learningRate as number;
  const bases = plan.calibration && calibratedRates(plan, { train, initial: weights });
  const feed = (of: Weights) => ({ x: Float64Array.from(x), ...Object.fromEntries(of) });
  const updates = (of: Float64Array): Weights => {
    const values = evaluate(gradients, { ...feed(weights), slopes: of }) as Float64Array[];
    return new Map(
      plan.stacks.map(({ name, members: [member] }, i) => {
        const factor = -(bases?.get(name)?.[0] ?? rate) * plan.scalings.get(member!)!.rate[0];
        return [name, values[i]!.map((value) => factor * value)];
      }),
    );
  };
  return {
    plan,
    labels: train.labels!.subarray(0, rows),
    weights,
    forward(of) {
      const [outputs, ...preActivations] = evaluate([pass.outputs, ...pass.taps.map(({ preActivation }) => preActivation)], feed(of));
      return { outputs: outputs as Float64Array, preActivations: preActivations as Float64Array[] };
    },
    slopes(outputs) {
      const result = new Float64Array(outputs.length);
      for (let b = 0; b < rows; b++) {
        const row = outputs.subarray(b * classes, (b + 1) * classes);
        const top = row.reduce((most, value) => Math.max(most, value), -Infinity);
        const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
        row.forEach((value, k) => (result[b * classes + k] = (Math.exp(value - top) / total - (train.labels![b] === k ? 1 : 0)) / rows));
      }
      return result;
    },
    updates,
    stepped(of) {
      const added = updates(of);
      return new Map(
        plan.stacks.map(({ name, members: [member] }) => {
          const { kept } = plan.scalings.get(member!)!;
          const change = added.get(name)!;
          return [name, weights.get(name)!.map((value, i) => kept * value + change[i]!)];
        }),
      );
    },
  };
}

/** Root mean square. */
export const size = (values: Float64Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
/** ‖a - b‖/‖b‖ */
export const relativeDifference = (a: Float64Array, b: Float64Array): number => size(a.map((value, i) => value - b[i]!)) / size(b);
