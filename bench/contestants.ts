/** @file What of ours is timed: training steps and Hessian-vector products of a prepared run, on a runtime. */
import type { Runtime } from '#core/graph/program.ts';
import { curvatureObjective } from '#core/programs/curvature.ts';
import { dimension, traceProgram } from '#core/programs/lanczos.ts';
import type { PreparedRun } from '#workers/session.ts';
import { repeatedly, type Contestant } from './alternate.ts';
import { inputs } from './networks.ts';

async function upload(runtime: Runtime, tensors: PreparedRun['state']) {
  const handles = Object.entries(tensors).map(async ([name, { values, shape }]) => [name, await runtime.upload(values, shape)] as const);
  return Object.fromEntries(await Promise.all(handles));
}

/** The weights and the first rows of the training set, as the programs of curvature want them. */
export async function curvatureHeld(runtime: Runtime, run: PreparedRun, batch: number) {
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

/** Exact products on a batch at fixed weights, five in a call. */
export async function products(runtime: Runtime, run: PreparedRun, batch: number): Promise<Contestant> {
  const objective = curvatureObjective(run.plan, batch);
  const compiled = await runtime.compile(traceProgram(objective));
  const held = await curvatureHeld(runtime, run, batch);
  const probe = Float32Array.from({ length: 5 * dimension(objective) }, (_, i) => (i % 3) - 1);
  const five = repeatedly(async () => void (await compiled.run({ state: {}, held, rows: { probe }, steps: 5 })), { most: 1 });
  return async (seconds) => (await five(seconds)) / 5;
}
