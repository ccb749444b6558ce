/** @file Which stand-in for the derivative of a threshold points downhill, and rests where the loss does. */
import { defaults, entry } from '../../catalog.ts';
import { dot } from '../../curvature/vectors.ts';
import { createBuilder } from '../../graph/builder.ts';
import { gradient } from '../../graph/differentiate.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { rng, type Rng } from '../../rng.ts';
import { mean, median } from '../../statistics.ts';
import { coarseGradient, spuriousReadout, trueGradient, type BinaryNetwork } from '../../theory/straightThrough.ts';
import { bootstrap, drawnSoFar, type Budget, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';

const sizes: Readonly<Record<Budget, { readonly places: number; readonly samples: number }>> = {
  tiny: { places: 8, samples: 10_000 },
  quick: { places: 20, samples: 40_000 },
  full: { places: 100, samples: 200_000 },
};
const [rows, inputs] = [4, 6];
const backwards = ['relu', 'clippedRelu', 'identity'] as const;
type Backward = (typeof backwards)[number];
const titles: Readonly<Record<Backward, string>> = { relu: 'ReLU', clippedRelu: 'clipped ReLU', identity: 'identity' };

const norm = (values: Float64Array): number => Math.sqrt(dot(values, values));
const unit = (values: Float64Array): Float64Array => values.map((value) => value / norm(values));

/** The gradient by w that training with the catalog's threshold sees, mean over so many drawn inputs. */
export function seenGradient(network: BinaryNetwork, backward: string, samples: number, random: Rng): Float64Array {
  const { v, w, teacherV, teacherW } = network;
  const draws = Float64Array.from({ length: samples * rows * inputs }, () => random.normal());
  const targets = Float64Array.from({ length: samples }, (_, n) =>
    teacherV.reduce((total, value, i) => {
      const at = (n * rows + i) * inputs;
      return total + (dot(draws.subarray(at, at + inputs), teacherW) > 0 ? value : 0);
    }, 0),
  );
  const g = createBuilder('float64');
  const [z, kernel, readout] = [g.input('z', [samples * rows, inputs]), g.input('w', [inputs, 1]), g.input('v', [rows, 1])];
  const options = { ...defaults('activation', 'threshold'), backward };
  const hidden = g.reshape(entry('activation', 'threshold').apply(g, g.matMul(z, kernel), options), [samples, rows]);
  const error = g.sub(g.matMul(hidden, readout), g.input('y', [samples, 1]));
  const loss = g.mul(g.sum(g.square(error)), 0.5 / samples);
  const [found] = evaluate(gradient(g, loss, [kernel]), { z: draws, w, v, y: targets });
  return found as Float64Array;
}

/** @param seen in place of the catalog's threshold */
export function* againstTruth(budget: Budget, seed: number, seen = seenGradient): Generator<Progress, Finding> {
  const { places, samples } = sizes[budget];
  const random = rng(seed, 'init');
  const gaussian = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const cosines: Record<Backward, { angle: number; value: number }[]> = { relu: [], clippedRelu: [], identity: [] };
  const resting: Record<Backward, number[]> = { relu: [], clippedRelu: [], identity: [] };
  const identityLaw: number[] = [];
  const errors: number[] = [];
  const curves = () =>
    backwards.map((kind) => ({
      figure: 'Cosine of coarse and true gradient',
      title: titles[kind],
      x: 'angle to the teacher',
      y: 'cosine',
      points: [...cosines[kind]].sort((a, b) => a.angle - b.angle).map(({ angle, value }) => ({ x: angle, y: value, predicted: null })),
    }));
  for (let i = 0; i < places; i++) {
    const teacher = { teacherV: gaussian(rows), teacherW: unit(gaussian(inputs)) };
    // a readout that agrees with the teacher in part, as after some steps of training
    const v = gaussian(rows).map((value, j) => 0.5 * value + teacher.teacherV[j]!);
    const network: BinaryNetwork = { ...teacher, v, w: unit(gaussian(inputs)) };
    const stuck: BinaryNetwork = { ...teacher, v: spuriousReadout(teacher.teacherV), w: teacher.teacherW.map((value) => -value) };
    const truth = trueGradient(network);
    for (const backward of backwards) {
      const found = seen(network, backward, samples, rng(seed, 'batch', i));
      cosines[backward].push({
        angle: Math.acos(dot(network.w, network.teacherW)),
        value: dot(found, truth) / (norm(found) * norm(truth)),
      });
      // what is left where the loss has a minimum, over the size of the teacher
      resting[backward].push(norm(seen(stuck, backward, samples, rng(seed, 'batch', i, 1))) / dot(teacher.teacherV, teacher.teacherV));
      if (backward === 'clippedRelu') continue;
      const law = coarseGradient(network, backward);
      errors.push(norm(found.map((value, j) => value - law[j]!)) / norm(law));
    }
    identityLaw.push(norm(coarseGradient(stuck, 'identity')) / dot(teacher.teacherV, teacher.teacherV));
    yield drawnSoFar((i + 1) / places, curves());
  }
  const of = (name: string, values: readonly number[], statistic: (all: readonly number[]) => number, predicted: number, window: readonly [number, number]) => ({ name, ...bootstrap([values], ([all]) => statistic(all!), seed), predicted, window }); // prettier-ignore
  const smooth = ['relu', 'clippedRelu'] as const;
  return {
    estimates: [
      ...smooth.map(
        (kind) =>
        of(`${titles[kind]}, median cosine with the true gradient`, cosines[kind].map(({ value }) => value), median, NaN, [0.1, 1]), // prettier-ignore
      ),
      of('ReLU and identity, median relative error against the closed forms', errors, median, 0, [0, 0.1]),
      ...smooth.map((kind) => of(`${titles[kind]}, coarse gradient at the spurious minimum`, resting[kind], mean, 0, [0, 0.05])),
      of('identity, coarse gradient there over its closed form', resting.identity.map((value, i) => value / identityLaw[i]!), median, 1, [0.8, 1.25]), // prettier-ignore
      {
        name: 'identity over ReLU there',
        ...bootstrap([resting.identity, resting.relu], ([poor, good]) => mean(poor!) / mean(good!), seed),
        predicted: Infinity,
        window: [5, Infinity],
      },
    ],
    curves: curves(),
  };
}

export const straightThrough: SimulatedClaim = {
  name: 'straightThrough',
  title: 'Good and poor stand-ins for the derivative of a threshold',
  statement:
    'A binary unit has no gradient. In expectation the coarse gradients with the derivative of ReLU or of clipped ReLU point downhill, and vanish where the loss has its minima; with the identity the coarse gradient does not vanish at a minimum, so that descent leaves it again.',
  formula:
    "\\tilde\\nabla_w = \\mathbb E\\bigl[Z^\\top (\\mu'(Zw) \\circ v)\\,(v^\\top \\mathbb 1[Zw > 0] - v_*^\\top \\mathbb 1[Zw_* > 0])\\bigr]",
  provenance: 'paper',
  assumptions: ['one binary layer with shared weights, linear readout', 'Gaussian inputs, squared error to a teacher'],
  recipe:
    '20 random places (full: 100), 4 rows of 6 inputs, 40,000 drawn inputs each; gradients by the catalog’s threshold. For ReLU and clipped ReLU the median cosine with the true gradient must be above 0.1, and the coarse gradient at the spurious minimum w = -w* below 0.05 of ‖v*‖²; for the identity it must be within a quarter of its closed form and more than five times that of ReLU. The bounds are our choice.',
  discrepancy:
    'Away from minima the identity is not uphill: its scalar product with the true gradient is positive too, by the closed form. What is poor about it is that it does not rest where the loss does.',
  example: {
    network: { kind: 'twoLayer', width: 64 },
    activation: { kind: 'threshold', backward: 'relu' },
    dataset: { kind: 'teacherStudent', inputs: 6 },
    loss: 'meanSquaredError',
  },
  measure: (budget, seed) => againstTruth(budget, seed),
};
