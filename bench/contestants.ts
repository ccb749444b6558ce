/** @file What of ours is timed: training steps and Hessian-vector products of a prepared run, on a runtime. */
import { createBuilder } from '#core/graph/builder.ts';
import { gradient } from '#core/graph/differentiate.ts';
import type { Program, Runtime } from '#core/graph/program.ts';
import { curvatureObjective } from '#core/programs/curvature.ts';
import { dimension, hessianProduct, type Product } from '#core/programs/lanczos.ts';
import { forwardPass, meanLoss, stackInputs, targetInput } from '#core/programs/plan.ts';
import { productsFor } from '#workers/curvatureEnds.ts';
import type { CurvatureGround, Parameters } from '#workers/curvaturePart.ts';
import { openProducts } from '#workers/curvatureProducts.ts';
import type { PreparedRun } from '#workers/session.ts';
import { repeatedly, type Contestant } from './alternate.ts';
import { inputs } from './networks.ts';

async function upload(runtime: Runtime, tensors: PreparedRun['state']) {
  const handles = Object.entries(tensors).map(async ([name, { values, shape }]) => [name, await runtime.upload(values, shape)] as const);
  return Object.fromEntries(await Promise.all(handles));
}

/** The weights and the first rows of the training set, as the programs of curvature want them. */
async function curvatureHeld(runtime: Runtime, run: PreparedRun, batch: number) {
  const { train } = run.data;
  return {
    ...(await upload(runtime, Object.fromEntries(run.plan.stacks.map(({ name }) => [name, run.state[name]!])))),
    curvatureInputs: await runtime.upload(train.inputs.slice(0, batch * inputs), [batch, inputs]),
    curvatureTargets: await runtime.upload(train.labels!.slice(0, batch), [batch]),
  };
}

/** Training steps. */
export async function steps(runtime: Runtime, run: PreparedRun): Promise<Contestant> {
  const compiled = await runtime.compile(run.training.program);
  const held = await upload(runtime, run.held);
  let state = await upload(runtime, run.state);
  let first = 0;
  return repeatedly(async (count) => {
    state = { ...(await compiled.run({ state, held, rows: run.rows(first, count), steps: count })).state };
    first += count;
  });
}

/** Exact products on a batch at fixed weights: one of those that a measurement makes, with its share of what they have in common. */
export async function products(
  { parameters, ...on }: CurvatureGround & { parameters: Parameters },
  { of = hessianProduct, count = productsFor(1) }: { of?: Product; count?: number } = {},
): Promise<Contestant> {
  const opened = await openProducts(on, of);
  const size = dimension(on.objective);
  const [vector, image] = [Float32Array.from({ length: size }, (_, i) => (i % 3) - 1), new Float32Array(size)];
  const measurement = repeatedly(
    async () => {
      const at = await opened.at({ ...parameters, ...on.held });
      for (let made = 0; made < count; made++) await at.product(vector, image);
      at.release();
    },
    { most: 1 },
  );
  return async (seconds) => (await measurement(seconds)) / count;
}

/** Gradients of a training batch, looked up as in a training step, and nothing else. */
export async function gradients(runtime: Runtime, run: PreparedRun): Promise<Contestant> {
  const compiled = await runtime.compile(gradientProgram(run));
  const held = { ...(await upload(runtime, run.held)), ...(await upload(runtime, run.state)) };
  let first = 0;
  return repeatedly(async (count) => {
    await compiled.run({ state: {}, held, rows: { batch: run.rows(first, count).batch! }, steps: count });
    first += count;
  });
}

/** One value of each gradient is read, so that all of it must be computed. */
function gradientProgram({ plan, data: { train } }: PreparedRun): Program {
  const g = createBuilder(plan.precision);
  const stacks = stackInputs(g, plan);
  const weights = stacks.map(({ input }) => input);
  const batch = g.input('batch', [plan.spec.batchSize], 'int32');
  const [examples, targets] = [g.input('inputs', [train.n, train.inputSize]), targetInput(g, 'targets', plan, train.n)];
  const { outputs } = forwardPass(g, plan, weights, g.gather(examples, batch), plan.spec.batchSize);
  const firsts = gradient(g, meanLoss(g, plan, outputs, g.gather(targets, batch)), weights).map((of) =>
    g.slice(g.reshape(of, [-1]), 0, 0, 1),
  );
  return {
    title: 'gradient',
    g,
    state: [],
    held: [...stacks, { name: 'inputs', input: examples }, { name: 'targets', input: targets }],
    rows: [{ name: 'batch', input: batch }],
    records: [{ name: 'firsts', value: g.concat(firsts, 0) }],
  };
}

/** What the instruments of curvature stand on: the first rows of the training set as their batch. */
export async function ground(runtime: Runtime, run: PreparedRun, batch: number): Promise<CurvatureGround & { parameters: Parameters }> {
  const objective = curvatureObjective(run.plan, batch);
  const all = await curvatureHeld(runtime, run, batch);
  const of = (list: readonly { name: string }[]) => Object.fromEntries(list.map(({ name }) => [name, all[name as keyof typeof all]!]));
  return { runtime, objective, held: of(objective.held), parameters: of(objective.parameters), seed: 1 };
}

/** Products of two square matrices, a kernel that is limited by the processor alone: what everything else may be compared with. */
export async function squareProducts(runtime: Runtime, size: number): Promise<Contestant> {
  const g = createBuilder('float32');
  const [a, b] = [g.input('a', [size, size]), g.input('b', [size, size])];
  const program = { title: 'peak', g, state: [], held: [a, b].map((input) => ({ name: String(input.attrs.name), input })), rows: [] };
  const compiled = await runtime.compile({
    ...program,
    records: [{ name: 'first', value: g.slice(g.reshape(g.matMul(a, b), [-1]), 0, 0, 1) }],
  });
  const values = Float32Array.from({ length: size * size }, (_, i) => (i % 7) - 3);
  const held = { a: await runtime.upload(values, [size, size]), b: await runtime.upload(values, [size, size]) };
  return repeatedly(async () => void (await compiled.run({ state: {}, held, rows: {}, steps: 1 })), { most: 1 });
}
