/** @file Loss and accuracy on data held out. Batch normalization keeps the statistics of the question's inputs. */
import { createBuilder } from '#core/graph/builder.ts';
import { meanLoss, forwardPass, hits, stackInputs, targetInput, typed } from '#core/programs/plan.ts';
import type { Session } from './answer.ts';
import { evaluateOnce } from './hostMetrics.ts';
import { planOf } from './plan.ts';

/** `heldOutLoss` and `heldOutAccuracy`, where they are asked for; an accuracy is null where the targets are values. */
export async function heldOutMetrics(session: Session, names: readonly string[]): Promise<Record<string, number | null>> {
  const { inputs, mixing, heldOut, parameters } = session.subject;
  if (!heldOut || !names.some((name) => name.startsWith('heldOut'))) return {};
  const plan = planOf(session);
  const [own, statistics] = [heldOut.inputs.shape[0]!, mixing ? inputs.shape[0]! : 0];
  const g = createBuilder(plan.precision);
  const stacks = stackInputs(g, plan);
  const x = { name: 'inputs', input: g.input('inputs', [statistics + own, plan.data.inputs]) };
  const y = { name: 'targets', input: targetInput(g, 'targets', plan, own) };
  const pass = forwardPass(
    g,
    plan,
    stacks.map(({ input }) => input),
    x.input,
    statistics || own,
  );
  const outputs = g.slice(pass.outputs, 0, statistics, statistics + own);
  const correct = hits(g, outputs, y.input);
  const values = [meanLoss(g, plan, outputs, y.input), ...(correct ? [g.mul(g.sum(correct), 1 / own)] : [])];
  const record = {
    name: 'record',
    value: g.concat(
      values.map((value) => g.reshape(value, [1])),
      0,
    ),
  };
  const program = { title: 'held-out data', g, state: [], held: [...stacks, x, y], rows: [], records: [record] };
  const rows = [...(mixing ? [inputs.data] : []), heldOut.inputs.data];
  const all = new Float64Array(rows.reduce((sum, { length }) => sum + length, 0));
  rows.reduce((at, values) => (all.set(values, at), at + values.length), 0);
  const feeds = new Map([
    ...parameters.map(({ data }, i) => [`parameter${i}`, data] as const),
    ['inputs', all] as const,
    ['targets', heldOut.targets.dtype === 'int32' ? heldOut.targets.data : typed(heldOut.targets.data, plan.precision)] as const,
  ]);
  const [loss, accuracy] = await evaluateOnce(session.machine.runtime, program, feeds);
  return { heldOutLoss: loss!, heldOutAccuracy: accuracy ?? null };
}
