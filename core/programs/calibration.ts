/**
 * @file Base learning rates of the first steps, layer by layer, such that the first update changes the pre-activations of the next batch by
 * as much as the parameterization asks for.
 */
import type { Data } from '../define.ts';
import { createBuilder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import { evaluate } from '../graph/evaluate.ts';
import { stagedEvaluation } from '../graph/staged.ts';
import { batchOrder } from './batches.ts';
import { placesOf } from './places.ts';
import { forwardPass, meanLoss, memberOf, stackInputs, targetInput, type RunPlan } from './plan.ts';

/**
 * For every stack, one base rate per member [G]: 1 for the first layer; for layer ℓ the one at which a plain gradient step on the first batch
 * changes |h_ℓ| on the second batch by its target on average, all layers below being updated already. The change is linear in the rate, so one
 * evaluation finds it. Dropout, decay and clipping are left aside.
 *
 * @param initial the weights of step 0, by stack; left as they are
 */
export function calibratedRates(
  plan: RunPlan,
  { train, initial }: { train: Data; initial: ReadonlyMap<string, Float64Array> },
): Map<string, Float64Array> {
  const { calibration, network, stacks, scalings } = plan;
  if (!calibration) throw new RangeError('the parameterization of this run calibrates no rates');
  const rows = plan.optimizer.fullBatch ? train.n : plan.spec.batchSize;
  const batch = (t: number) =>
    plan.optimizer.fullBatch ? Int32Array.from({ length: train.n }, (_, i) => i) : batchOrder(plan.spec.seed, train.n, rows)(t, 1);
  const g = createBuilder('float64');
  const inputs = stackInputs(g, plan).map(({ input }) => input);
  const pass = forwardPass(g, plan, inputs, g.input('x', [rows, plan.data.inputs]), rows);
  const weights = new Map([...initial].map(([name, values]) => [name, values.slice()]));
  const feeds = (t: number) => ({ ...examples(train, batch(t)), ...Object.fromEntries(weights) });
  const slopes = evaluate(gradient(g, meanLoss(g, plan, pass.outputs, targetInput(g, 'targets', plan, rows)), inputs), feeds(0));
  /** By stack, the first update at base rates of 1. */
  const updates = new Map(stacks.map(({ name }, i) => [name, slopes[i] as Float64Array]));
  const places = placesOf(plan);
  for (const [parameter, { of }] of places) {
    const own = of(updates);
    const rate = parameter.frozen ? 0 : -scalings.get(parameter)!.rate[0];
    own.forEach((value, i) => (own[i] = rate * value));
  }
  const taps = pass.taps.map(({ preActivation }) => preActivation);
  const evaluation = stagedEvaluation(taps, feeds(1));
  const bases = new Map(stacks.map(({ name, members }) => [name, new Float64Array(members.length).fill(1)]));
  taps.forEach((tap, layer) => {
    const own = network.parameters.filter((parameter) => parameter.layer === layer);
    const move = (rate: number) => {
      for (const parameter of own) {
        const { stack, member, of } = places.get(parameter)!;
        const [start, update, now] = [of(initial), of(updates), of(weights)];
        now.forEach((_, i) => (now[i] = start[i]! + rate * update[i]!));
        evaluation.forget(memberOf(g, inputs[stack]!, member));
      }
    };
    const before = layer === 0 ? null : evaluation.value(tap).slice();
    move(1);
    if (before) {
      const after = evaluation.value(tap) as Float64Array;
      const change = after.reduce((sum, value, i) => sum + Math.abs(value - before[i]!), 0) / before.length;
      const base = Math.min(calibration.largest, (layer === taps.length - 1 ? calibration.output : calibration.hidden) / change);
      for (const parameter of own) bases.get(stacks[places.get(parameter)!.stack]!.name)![places.get(parameter)!.member] = base;
      move(base);
    }
    evaluation.settle();
  });
  return bases;
}

/** Some rows of a set as the feeds `x` and `targets`. */
function examples({ inputs, inputSize, labels, values, outputSize }: Data, batch: Int32Array) {
  const cut = (of: ArrayLike<number>, width: number) =>
    Float64Array.from({ length: batch.length * width }, (_, i) => of[batch[Math.floor(i / width)]! * width + (i % width)]!);
  return { x: cut(inputs, inputSize), targets: labels ? Int32Array.from(batch, (row) => labels[row]!) : cut(values!, outputSize) };
}
