/** @file An optimizer's solver inside a session: measured on the runtime, solved on the host, uploaded for the steps until the next time. */
import type { Handle, Runtime } from '#core/graph/program.ts';
import type { Measured } from '#core/solver.ts';
import { typed } from '#core/programs/plan.ts';
import type { PreparedRun } from './session.ts';

export interface OpenSolver {
  readonly every: number;
  /** Solves at the weights before a step on its batch; the held tensors of the steps to come, which replace those of the last time. */
  solve(batch: Int32Array, held: Readonly<Record<string, Handle>>): Promise<Record<string, Handle>>;
  /** What a checkpoint needs to go on. */
  kept(): Measured;
}

export async function openSolver(runtime: Runtime, { plan, training, solver, solved }: PreparedRun): Promise<OpenSolver | null> {
  if (!solver) return null;
  const executable = await runtime.compile(solver.program);
  let kept = solved;
  return {
    every: solver.every,
    async solve(batch, held) {
      const { records } = await executable.run({
        state: {},
        held: Object.fromEntries(solver.program.held.map(({ name }) => [name, held[name]!])),
        rows: Object.fromEntries(
          Object.entries(solver.rows(batch)).filter(([name]) => solver.program.rows.some((row) => row.name === name)),
        ),
        steps: solver.runs,
      });
      kept = solver.solve(records, kept);
      const handles: Record<string, Handle> = {};
      for (const { name, input } of training.solutions) {
        runtime.release(held[name]!);
        handles[name] = await runtime.upload(typed(kept[name]!, plan.precision), input.shape);
      }
      return handles;
    },
    kept: () => kept,
  };
}
