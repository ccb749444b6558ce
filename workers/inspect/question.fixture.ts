/** @file For the tests: a question that is answered, to be changed into one that is not. */
import assert from 'node:assert/strict';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';

const xor = () => ({
  layers: [
    { type: 'dense', name: 'l1', in: 2, out: 3, activation: 'tanh' },
    { type: 'dense', name: 'l2', in: 3, out: 1 },
  ] as Record<string, unknown>[],
  params: {
    'l1.kernel': { shape: [2, 3], data: [0.5, -1, 0.3, 0.8, 0.2, -0.7] },
    'l1.bias': { shape: [3], data: [0.1, 0, -0.2] },
    'l2.kernel': { shape: [3, 1], data: [1, -0.5, 0.7] },
    'l2.bias': { shape: [1], data: [0.05] },
  } as Record<string, unknown>,
  inputs: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ] as unknown,
  targets: [[0], [1], [1], [0]] as unknown,
  loss: 'half_mse' as unknown,
  ask: ['loss'] as unknown,
});
/** The question after a change, which may put anything anywhere. */
export const ask = (change: (question: any) => void): Promise<any> => {
  const question = xor();
  change(question);
  return answerQuestion(question, filesGiven(new Map()));
};
export const refused = (change: (question: any) => void, message: RegExp) =>
  assert.rejects(ask(change), { name: 'InspectRefusal', message });
