/** @file Evaluation over a whole set, its last chunk and its statistics included. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { evaluate } from '../graph/evaluate.ts';
import { evaluationProgram, evaluationRows, finishEvaluation, statisticsLimit } from './evaluation.ts';
import { assertClose, openSteps, smallSpec } from './steps.fixture.ts';

const batchNorm = { kind: 'mlpChain', depth: 2, width: 4, normalization: 'batchNorm' };

test('evaluation sums over the whole set, ragged last chunk and all, with statistics of the training set', () => {
  for (const network of [batchNorm, { kind: 'mlpChain', depth: 2, width: 4 }]) {
    const spec = smallSpec({
      network,
      dataset: { kind: 'gaussianMixture', classes: 3, inputs: 5, train: 40, heldOut: 601 },
      optimizer: 'gradientDescent',
    });
    const steps = openSteps(spec);
    const { plan, data } = steps;
    const sample = network === batchNorm ? Math.min(statisticsLimit, 40) : 0;
    const evaluateSet = (set: typeof data.train) => {
      const program = evaluationProgram(plan, set.n, sample);
      const { rows, steps: calls } = evaluationRows(plan, set.n);
      const sums: number[] = [];
      const { weights } = openSteps(spec).step();
      for (let k = 0; k < calls; k++) {
        const feeds: Record<string, Float64Array | Float32Array | Int32Array> = {
          inputs: set.inputs,
          targets: set.labels!,
          statistics: data.train.inputs.slice(0, sample * 5),
        };
        for (const [name, values] of Object.entries(rows))
          feeds[name] = values.slice((k * values.length) / calls, ((k + 1) * values.length) / calls);
        for (const { name, members } of plan.stacks)
          feeds[name] = Float64Array.from(members.flatMap((parameter) => [...weights.get(parameter.name)!]));
        sums.push(...evaluate([program.records[0]!.value], feeds)[0]!);
      }
      return finishEvaluation(Float64Array.from(sums), set.n, true);
    };
    // on the training set full-batch training and evaluation see the same statistics, so they must agree
    const { metrics } = steps.step();
    const onTrain = evaluateSet(data.train);
    assertClose([onTrain.loss, onTrain.accuracy!], [metrics.loss![0]!, metrics.accuracy![0]!], 1e-12);
    const onHeldOut = evaluateSet(data.heldOut);
    const accuracyTimesRows = onHeldOut.accuracy! * 601;
    assert.ok(Math.abs(accuracyTimesRows - Math.round(accuracyTimesRows)) < 1e-9 && onHeldOut.loss > 0);
  }
});
