/** @file For the tests of metrics by name: questions about one small chain, and comparisons. */
import assert from 'node:assert/strict';
import { rng } from '#core/rng.ts';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';

const random = rng(13, 'test');
export const normals = (n: number) => Array.from({ length: n }, () => random.normal());
export const ask = (question: object): Promise<any> => answerQuestion(question, filesGiven(new Map()));
export const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
export const close = (got: readonly number[], want: readonly number[], what: string, tolerance = 1e-9) => {
  assert.equal(got.length, want.length, what);
  got.forEach((value, i) =>
    assert.ok(Math.abs(value - want[i]!) <= tolerance * Math.max(1, Math.abs(want[i]!)), `${what}[${i}] is ${value} instead of ${want[i]}`),
  );
};

export const chain = {
  spec: { network: { kind: 'mlpChain', depth: 2, width: 5 }, activation: 'relu', init: 'he', seed: 3 },
  inputs: { shape: [7, 4], data: normals(28) },
  targets: Array.from({ length: 7 }, (_, b) => b % 3),
  loss: 'softmax_ce',
};
