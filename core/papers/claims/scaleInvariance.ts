/** @file In front of batch normalization the gradient is orthogonal to the weights, so that plain SGD can only lengthen them. */
import { dot } from '../../curvature/vectors.ts';
import type { Data } from '../../define.ts';
import { norm } from '../../metrics/moments.ts';
import { openSteps } from '../../programs/steps.ts';
import { parseSpec } from '../../spec.ts';
import { exact, type Budget, type Finding, type SimulatedClaim } from '../claim.ts';
import { filtersOf, objectiveOf, scaleInvariantKernels, type Kernel, type Weights } from '../simulations/objective.ts';

const learningRate = 0.1;
const sizes: Readonly<Record<Budget, { readonly width: number; readonly steps: number; readonly batchSize: number }>> = {
  tiny: { width: 8, steps: 60, batchSize: 20 },
  quick: { width: 32, steps: 200, batchSize: 50 },
  full: { width: 64, steps: 1_000, batchSize: 100 },
};
/** Steps between two looks at rescaled weights and at the Hessian. */
const seldom = 20;
const scale = 3;

const example = {
  network: { kind: 'mlpChain', depth: 2, width: 32, normalization: 'batchNorm', epsilon: 1e-12 },
  dataset: { kind: 'gaussianMixture', classes: 4, inputs: 20, train: 500 },
  optimizer: { kind: 'sgd', learningRate },
  batchSize: 50,
  steps: 200,
  runtime: { name: 'onnx', device: 'cpu', precision: 'float64', threads: 1 },
};

const batchOf = ({ inputs, labels, inputSize }: Data, rows: Int32Array) => ({
  x: Float64Array.from([...rows].flatMap((row) => [...inputs.subarray(row * inputSize, (row + 1) * inputSize)])),
  y: rows.map((row) => labels![row]!),
});
const scaled = (weights: Weights, kernels: readonly Kernel[], factor: number): Weights =>
  new Map([...weights].map(([name, w]) => [name, kernels.some((kernel) => kernel.name === name) ? w.map((value) => factor * value) : w]));
/** ‖a - b‖/‖b‖ */
const apart = (a: Float64Array, b: Float64Array): number => norm(a.map((value, i) => value - b[i]!)) / norm(b);

/** @param kernelsOf those that are taken to be scale-invariant */
export function* identities(budget: Budget, seed: number, kernelsOf = scaleInvariantKernels): Generator<number, Finding> {
  const { width, steps, batchSize } = sizes[budget];
  const spec = parseSpec({ ...example, network: { ...example.network, width }, batchSize, steps, seed });
  const run = openSteps(spec);
  const objective = objectiveOf(run.plan, batchSize);
  const kernels = kernelsOf(run.plan);
  const worst = { cosine: 0, increment: 0, growth: Infinity, rescaled: 0, hessian: 0 };
  const lengths = kernels.map((): { measured: number; predicted: number }[] => []);
  for (let t = 0; t < steps; t++) {
    const { weights, next, batch } = run.step();
    const { x, y } = batchOf(run.data.train, batch);
    const gradient = objective.gradient(weights, x, y);
    for (const [k, { name, filters }] of kernels.entries()) {
      const [w, g, after] = [weights, gradient, next].map((all) => filtersOf(all.get(name)!, filters));
      for (let j = 0; j < filters; j++) {
        const square = dot(w![j]!, w![j]!);
        const slope = norm(g![j]!);
        const change = dot(after![j]!, after![j]!) / square - 1;
        worst.cosine = Math.max(worst.cosine, slope > 0 ? Math.abs(dot(w![j]!, g![j]!)) / slope / Math.sqrt(square) : 0);
        worst.increment = Math.max(worst.increment, Math.abs(change - (learningRate * slope) ** 2 / square));
        worst.growth = Math.min(worst.growth, change);
      }
      const before = lengths[k]!.at(-1)?.predicted ?? dot(weights.get(name)!, weights.get(name)!);
      const predicted = before + (learningRate * norm(gradient.get(name)!)) ** 2;
      lengths[k]!.push({ measured: dot(next.get(name)!, next.get(name)!), predicted });
    }
    if (t % seldom === 0) {
      const other = objective.gradient(scaled(weights, kernels, scale), x, y);
      const along = objective.alongKernels(weights, x, y);
      for (const { name } of kernels) {
        const g = gradient.get(name)!;
        worst.rescaled = Math.max(
          worst.rescaled,
          apart(
            other.get(name)!.map((value) => scale * value),
            g,
          ),
        );
        worst.hessian = Math.max(
          worst.hessian,
          apart(
            along.get(name)!.map((value) => -value),
            g,
          ),
        );
      }
    }
    yield (t + 1) / steps;
  }
  const small = [0, 1e-9] as const;
  return {
    estimates: [
      exact('largest |cos(w, g)| of a filter', worst.cosine, 0, small),
      exact('largest error of the norm’s increment, over ‖w‖²', worst.increment, 0, small),
      exact('smallest growth of a filter’s ‖w‖² in a step', worst.growth, 0, [-1e-14, Infinity]),
      exact(`gradient at ${scale} w times ${scale}, error`, worst.rescaled, 0, small),
      exact('H w = -g, error', worst.hessian, 0, small),
    ],
    curves: kernels.map(({ name }, k) => ({
      figure: 'Norms under SGD without decay',
      title: name,
      x: 'step',
      y: '‖W‖',
      law: '\\sqrt{\\|W_0\\|^2 + \\eta^2 \\textstyle\\sum_s \\|g_s\\|^2}',
      points: lengths[k]!.flatMap(({ measured, predicted }, t) =>
        (t + 1) % Math.ceil(steps / 50) === 0 ? [{ x: t + 1, y: Math.sqrt(measured), predicted: Math.sqrt(predicted) }] : [],
      ),
    })),
  };
}

export const scaleInvariance: SimulatedClaim = {
  name: 'scaleInvariance',
  title: 'Weights in front of batch normalization never get shorter under SGD',
  statement:
    'Batch normalization undoes the scale of the weights before it. So the gradient stands at right angles to them, shrinks as they grow, and each step of plain SGD adds its squared length to their squared norm.',
  formula: '\\langle w, g\\rangle = 0,\\quad \\|w_{t+1}\\|^2 = \\|w_t\\|^2 + \\eta^2\\|g_t\\|^2,\\quad g(cw) = g(w)/c,\\quad H w = -g',
  provenance: 'paper',
  assumptions: ['plain SGD without decay', 'ε of the normalization far below the variance: 1e-12 here'],
  recipe:
    'Two hidden layers of 32 units with batch normalization, 200 steps in float64: for every filter at every step |cos(w, g)| and the error of the increment below 1e-9, no norm falls; at every 20th step g(3w) and H w within 1e-9. The last two identities are derived.',
  example,
  measure: (budget, seed) => identities(budget, seed),
};
