/**
 * @file The training program: one step from weights to weights, with everything that is measured on the way in one record.
 *
 * Row t is measured at the weights before update t, so row 0 is the initialization.
 */
import { entry } from '../catalog.ts';
import type { OptimizerMoment } from '../define.ts';
import { createBuilder, type Builder } from '../graph/builder.ts';
import { globalNorm } from '../graph/compose.ts';
import { cotangents, gradient } from '../graph/differentiate.ts';
import type { Node, Shape } from '../graph/node.ts';
import { topologicalOrder } from '../graph/order.ts';
import type { Program } from '../graph/program.ts';
import { stepMoment } from './moment.ts';
import { createRandomRows, type RandomRow } from './random.ts';
import { recordOf, type RecordedMetric } from './record.ts';
import { createRates } from './rates.ts';
import { forwardPass, hits, meanLoss, ofMembers, stackInputs, targetInput, type RunPlan, type Stack } from './plan.ts';

export interface TrainingProgram {
  readonly program: Program;
  readonly metrics: readonly RecordedMetric[];
  /** Names of held inputs that want the weights of step 0, with the stack they belong to. */
  readonly initials: readonly { readonly name: string; readonly stack: string }[];
  /** Names of held inputs that want calibrated base rates, one per member of the stack they belong to. */
  readonly baseRates: readonly { readonly name: string; readonly stack: string; readonly shape: Shape }[];
  /** Names of held inputs that the optimizer's solver fills. */
  readonly solutions: readonly { readonly name: string; readonly input: Node }[];
  /** Rows that `randomValues` fills. */
  readonly random: readonly RandomRow[];
}

/** Name of the state tensor that holds an optimizer's slot for a stack. */
export const slotName = (stack: string, slot: string): string => `${stack}/${slot}`;
const initialName = (stack: string): string => `${stack}/initial`;
const baseName = (stack: string): string => `${stack}/baseRate`;
/** Name of the row that holds one of the optimizer's scalars. */
const scalarName = (scalar: string): string => `scalar/${scalar}`;

/**
 * State: stacks and slots. Held: `inputs` [n, D], `targets` [n] or [n, K], initial weights where a target norm refers to them, calibrated base rates.
 * Rows, where they are used: `batch` int32 [B] (not with full batches), `learningRate` [], `step` [] = t + 1, `epochEnded` [], the optimizer's
 * scalars [], `metricsDue` [] where not every step is recorded. Record: `record` [R], zeros in steps that are not recorded and whose loss is finite.
 */
export function trainingProgram(plan: RunPlan, n: number): TrainingProgram {
  const { spec, optimizer, network } = plan;
  const g = createBuilder(plan.precision);
  const random = createRandomRows(g);
  const stacks = stackInputs(g, plan);
  const weights = stacks.map(({ input }) => input);
  const batch = g.input('batch', [spec.batchSize], 'int32');
  const rows = { learningRate: g.input('learningRate', []), step: g.input('step', []), epochEnded: g.input('epochEnded', []) };
  const inputs = g.input('inputs', [n, plan.data.inputs]);
  const targets = targetInput(g, 'targets', plan, n);
  const pick = (all: Node) => (optimizer.fullBatch ? all : g.gather(all, batch));
  const x = pick(inputs); // [B, D]
  const y = pick(targets);
  const dropout = (node: Node, share: number) => (share > 0 ? g.mul(node, random.ask(1 - share, node.shape)) : node);
  const uniform = (shape: Shape) => random.ask('uniform', shape);
  const pass = forwardPass(g, plan, weights, x, x.shape[0]!, { dropout, uniform });
  const loss = meanLoss(g, plan, pass.outputs, y);
  const gradients = trainedGradients(g, plan, loss, weights);
  const solutions = new Map<string, Node>();
  const solution = (name: string, shape: Shape) => {
    solutions.set(name, g.input(name, shape));
    return solutions.get(name)!;
  };
  const objective = optimizer.objective?.(g, pass.outputs, solution);
  const directions = objective ? trainedGradients(g, plan, objective, weights) : gradients;
  const clipped = plan.clipping.clip?.(g, directions, globalNorm(g, directions), spec.clipping);
  const seen = penalized(g, pass.penalty, weights, clipped?.gradients ?? directions);
  const updates = plan.stacks.map((stack, i) =>
    settled(g, stack, weights[i]!, updateStack(g, plan, stack, weights[i]!, seen[i]!, { ...rows, random, solution })),
  );
  const moment = stepMoment(g, plan, {
    loss,
    hits: hits(g, pass.outputs, y),
    weights,
    gradients,
    changes: updates.map(({ change }) => change),
    after: updates.map(({ weights }) => weights),
    taps: pass.taps,
    learningRate: rows.learningRate,
    layerRates: updates.map(({ rate }) => rate),
    clippedFraction: clipped?.fraction,
  });
  // a step that is not recorded pays for no metric; where the loss is lost, the row that tells where is measured all the same
  const due = g.input('metricsDue', []);
  const when = spec.metrics.every > 1 ? g.maximum(due, g.sub(1, g.equal(g.sub(loss, loss), 0))) : undefined;
  const { record, metrics } = recordOf(g, spec.metrics.step, moment, network.layers.length);
  const state = [
    ...stacks.map(({ name, input }, i) => ({ name, input, next: updates[i]!.weights })),
    ...updates.flatMap(({ slots }) => slots),
  ];
  const reached = new Set(topologicalOrder([record, ...(when ? [when] : []), ...state.map(({ next }) => next)]));
  const used = <T extends { input: Node }>(list: T[]) => list.filter(({ input }) => reached.has(input));
  const solved = used([...solutions].map(([name, input]) => ({ name, input })));
  const scalars = Object.keys(optimizer.scalars?.(1, spec.optimizer) ?? {}).map(scalarName);
  const initials = used(
    plan.stacks.map(({ name, shape }) => ({ stack: name, name: initialName(name), input: g.input(initialName(name), shape) })),
  );
  const baseRates = used(
    plan.stacks.map(({ name, shape }) => ({ stack: name, name: baseName(name), input: g.input(baseName(name), ofMembers(shape)) })),
  );
  return {
    program: {
      title: `training of ${spec.network.kind}`,
      g,
      state,
      held: [
        ...used([
          { name: 'inputs', input: inputs },
          { name: 'targets', input: targets },
        ]),
        ...initials.map(({ name, input }) => ({ name, input })),
        ...baseRates.map(({ name, input }) => ({ name, input })),
        ...solved,
      ],
      rows: used([
        { name: 'batch', input: batch },
        { name: 'learningRate', input: rows.learningRate },
        { name: 'step', input: rows.step },
        { name: 'epochEnded', input: rows.epochEnded },
        { name: 'metricsDue', input: due },
        ...scalars.map((name) => ({ name, input: g.input(name, []) })),
        ...random.rows,
      ]),
      records: [{ name: 'record', value: record, ...(when ? { when } : {}) }],
    },
    metrics,
    initials: initials.map(({ name, stack }) => ({ name, stack })),
    baseRates: baseRates.map(({ name, stack, input: { shape } }) => ({ name, stack, shape })),
    solutions: solved,
    random: random.rows,
  };
}

interface StepInputs {
  readonly learningRate: Node;
  readonly step: Node;
  readonly epochEnded: Node;
  readonly random: ReturnType<typeof createRandomRows>;
  readonly solution: OptimizerMoment['solution'];
}
interface Update {
  readonly weights: Node; // [G, …]
  readonly change: Node; // [G, …]
  /** The learning rate, [] or [G, 1, …]. */
  readonly rate: Node;
  readonly slots: { readonly name: string; readonly input: Node; readonly next: Node }[];
}

/** Of each stack; zero for what is frozen, which then counts in no norm and pays for no pass. */
function trainedGradients(g: Builder, { stacks }: RunPlan, loss: Node, weights: readonly Node[]): Node[] {
  const trained = weights.filter((_, i) => !stacks[i]!.frozen);
  const found = gradient(g, loss, trained);
  return weights.map((stack) => found[trained.indexOf(stack)] ?? g.constant(0, stack.shape));
}

/** With the network's own penalty, which clipping does not see. */
function penalized(g: Builder, penalty: Node | undefined, weights: readonly Node[], gradients: readonly Node[]): readonly Node[] {
  if (!penalty) return gradients;
  return cotangents(g, [penalty], [g.constant(1)], weights).map((own, i) => (own ? g.add(gradients[i]!, own) : gradients[i]!));
}

/** Logits of pruned blocks stay where they are, where momentum, noise or decay might open the blocks again. */
function settled(g: Builder, { members }: Stack, before: Node, update: Update): Update {
  const { prunedBelow } = members[0]!;
  if (prunedBelow === undefined) return update;
  const open = g.greater(before, prunedBelow);
  return { ...update, weights: g.where(open, update.weights, before), change: g.where(open, update.change, 0) };
}

/** One stack's way through coupled regularizer, optimizer and what comes after it. */
function updateStack(
  g: Builder,
  plan: RunPlan,
  stack: Stack,
  before: Node,
  lossGradient: Node,
  { learningRate, step, epochEnded, random, solution }: StepInputs,
): Update {
  const { spec, optimizer, regularizer } = plan;
  const { name, role, shape, treatment, frozen } = stack;
  const base = plan.calibration && g.input(baseName(name), ofMembers(shape));
  const rates = createRates(g, plan, stack, { learningRate, step, base });
  const { rate } = rates;
  if (frozen) return { weights: before, change: g.constant(0, shape), rate, slots: [] };
  const slot = (of: string) => g.input(slotName(name, of), shape);
  const scalar = (of: string) => g.input(scalarName(of), []);
  const coupled =
    treatment === null || !regularizer.gradient
      ? lossGradient
      : rates.inUnits(regularizer.gradient(g, rates.inUnits(before), rates.outOfUnits(lossGradient), spec.regularizer, treatment));
  const memberSlot = (of: string) => g.input(slotName(name, of), ofMembers(shape));
  const noise = () => random.ask('normal', shape);
  const ofStack = (of: string, shape: Shape) => solution(slotName(name, of), shape);
  const { change, slots } = optimizer.update(
    g,
    {
      role,
      weights: before,
      gradient: coupled,
      learningRate: rate,
      inUnits: rates.constantInUnits,
      step,
      slot,
      memberSlot,
      scalar,
      noise,
      solution: ofStack,
    },
    spec.optimizer,
  );
  const memberNames = optimizer.memberSlots ?? [];
  const remaining = rates.remaining(before);
  const after = g.add(remaining, change);
  const moved = (to: Node) => (to === after && remaining === before ? change : g.sub(to, before));
  const named = (next: Readonly<Record<string, Node>>) => [
    ...optimizer.slots.map((of) => ({ name: slotName(name, of), input: slot(of), next: next[of]! })),
    ...memberNames.map((of) => ({ name: slotName(name, of), input: memberSlot(of), next: next[of]! })),
  ];
  if (treatment === null || !regularizer.after) return { weights: after, change: moved(after), rate, slots: named(slots) };
  const initial = () => g.input(initialName(name), shape);
  const powerOf = (of: string) => optimizer.slotPowers?.[of] ?? 1;
  const context = { before, after, slots, powerOf, initial, learningRate: rates.decay(), step, epochEnded };
  const final = regularizer.after(g, context, spec.regularizer, treatment);
  const scaled = final.rateFactor ? g.mul(rate, final.rateFactor) : rate;
  return { weights: final.weights, change: moved(final.weights), rate: scaled, slots: named(final.slots) };
}

/** Inputs of the steps first … first + steps - 1 on n samples besides the batches, in float64; the learning rate after the schedule. */
export function stepRows({ spec, optimizer }: RunPlan, n: number, first: number, steps: number): Record<string, Float64Array> {
  const schedule = entry('schedule', spec.schedule.kind);
  const each = (of: (t: number) => number) => Float64Array.from({ length: steps }, (_, k) => of(first + k));
  const scalars = Object.keys(optimizer.scalars?.(1, spec.optimizer) ?? {});
  /** Passes through the training set that the first t steps complete; see `batchOrder`. */
  const epochs = (t: number) => (optimizer.fullBatch ? t : Math.floor((t * spec.batchSize) / n));
  return {
    learningRate: each((t) => (spec.optimizer.learningRate as number) * schedule.factor(t, spec.steps, spec.schedule)),
    step: each((t) => t + 1),
    epochEnded: each((t) => (epochs(t + 1) > epochs(t) ? epochs(t + 1) : 0)),
    metricsDue: each((t) => (t % spec.metrics.every === 0 ? 1 : 0)),
    ...Object.fromEntries(scalars.map((name) => [scalarName(name), each((t) => optimizer.scalars!(t + 1, spec.optimizer)[name]!)])),
  };
}
