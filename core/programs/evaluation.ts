/**
 * @file Loss and hits over a whole data set, chunk by chunk; the sums of the chunks are added up in float64 on the host.
 *
 * The last chunk is filled up with row 0 at weight 0, so that one program serves a set of any size. Batch normalization takes its statistics
 * from a fixed sample of the training set, put in front of the chunk.
 */
import { createBuilder } from '../graph/builder.ts';
import type { Named, Program } from '../graph/program.ts';
import type { Values } from '../graph/node.ts';
import { forwardPass, hits, stackInputs, targetInput, typed, type RunPlan } from './plan.ts';

/** Rows of the sample that batch normalization's statistics come from, at most. */
export const statisticsLimit = 512;
const chunkLimit = 256;

export const needsStatistics = ({ spec }: RunPlan): boolean => spec.network.normalization === 'batchNorm';

/**
 * Held: the stacks, `inputs` [n, D], `targets`, `statistics` [S, D] with batch normalization.
 * Rows: `indices` int32 [C], `shares` [C] (1, or 0 for filling). Records: `sums` [1] loss, or [2] loss and hits.
 *
 * @param n rows of the data set
 * @param statisticsRows S; 0 where nothing is normalized by the batch
 */
export function evaluationProgram(plan: RunPlan, n: number, statisticsRows: number): Program {
  const g = createBuilder(plan.precision);
  const chunk = Math.min(chunkLimit, n);
  const stacks = stackInputs(g, plan);
  const indices = g.input('indices', [chunk], 'int32');
  const shares = g.input('shares', [chunk]);
  const inputs = g.input('inputs', [n, plan.data.inputs]);
  const targets = targetInput(g, 'targets', plan, n);
  const sample = statisticsRows > 0 ? [g.input('statistics', [statisticsRows, plan.data.inputs])] : [];
  const x = g.concat([...sample, g.gather(inputs, indices)], 0); // [S + C, D]
  const pass = forwardPass(
    g,
    plan,
    stacks.map(({ input }) => input),
    x,
    statisticsRows,
  );
  const outputs = g.slice(pass.outputs, 0, statisticsRows, statisticsRows + chunk); // [C, K]
  const y = g.gather(targets, indices);
  const correct = hits(g, outputs, y);
  const sums = [plan.loss.each(g, outputs, y, plan.spec.loss), ...(correct ? [correct] : [])].map((each) =>
    g.reshape(g.sum(g.where(shares, each, 0)), [1]),
  );
  return {
    title: `evaluation on ${n} rows`,
    seldom: true,
    g,
    state: [],
    held: [
      ...stacks,
      { name: 'inputs', input: inputs },
      { name: 'targets', input: targets },
      ...sample.map((input) => ({ name: 'statistics', input })),
    ],
    rows: [
      { name: 'indices', input: indices },
      { name: 'shares', input: shares },
    ],
    records: [{ name: 'sums', value: g.concat(sums, 0) }],
  };
}

/** The rows that walk once through the first n rows of a set. */
export function evaluationRows({ precision }: RunPlan, n: number): { rows: Named; steps: number } {
  const chunk = Math.min(chunkLimit, n);
  const steps = Math.ceil(n / chunk);
  const indices = Int32Array.from({ length: steps * chunk }, (_, i) => (i < n ? i : 0));
  const shares = Float64Array.from(indices, (_, i) => (i < n ? 1 : 0));
  return { rows: { indices, shares: typed(shares, precision) }, steps };
}

/** Mean loss and accuracy (null for float targets) from the sums of the chunks. */
export function finishEvaluation(sums: Values, n: number, labelled: boolean): { loss: number; accuracy: number | null } {
  const width = labelled ? 2 : 1;
  let [loss, correct] = [0, 0];
  for (let i = 0; i < sums.length; i += width) {
    loss += sums[i]!;
    if (labelled) correct += sums[i + 1]!;
  }
  return { loss: loss / n, accuracy: labelled ? correct / n : null };
}
