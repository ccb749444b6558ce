/** @file Targets of a question: labels, or values of the outputs' shape; and what was held out. */
import type { ValueRange } from '#core/define.ts';
import { sizeOf, type Shape } from '#core/graph/node.ts';
import type { ArrayFiles } from './files.ts';
import { refuse } from './refusal.ts';
import type { InspectRequest } from './request.ts';
import type { Subject } from './subject.ts';
import { readTensor } from './tensors.ts';

/** What decides what targets must be. */
type Wanted = Pick<Subject, 'loss' | 'lossName' | 'outputShape'>;

/** The same axes but for those of size 1, or the axes behind the batch, or all of them, written as one. */
function readsAs(given: Shape, wanted: Shape): boolean {
  const longer = (shape: Shape) => shape.filter((n) => n !== 1).join();
  const flat = given.length === 1 || (given.length === 2 && given[0] === wanted[0]);
  return sizeOf(given) === sizeOf(wanted) && (flat || longer(given) === longer(wanted));
}

export function readTargets(
  given: unknown,
  path: string,
  files: ArrayFiles,
  { loss, lossName, outputShape: outputs }: Wanted,
): Subject['targets'] {
  if (given === undefined) refuse(path, 'must be labels [B] or values of the outputs’ shape, got nothing');
  const { shape, data } = readTensor(given, path, files);
  const [batch, classes] = [outputs[0]!, sizeOf(outputs.slice(1))];
  const labels =
    data.length === batch && (loss.targets === 'labels' || (loss.targets === 'either' && (classes > 1 || lossName === 'softmax_ce')));
  if (loss.targets !== 'values' && outputs.length !== 2) refuse('loss', `${lossName} takes outputs [B, K], got [${outputs}]`);
  if (labels) {
    const at = data.findIndex((value) => !(Number.isInteger(value) && value >= 0 && value < classes));
    if (at >= 0) refuse(path, `must be integers from 0 to ${classes - 1}, got ${data[at]} at value ${at}`);
    return { shape: [batch], data: Int32Array.from(data), dtype: 'int32' };
  }
  const wanted = loss.targets === 'labels' ? `[${batch}]` : loss.targets === 'values' ? `[${outputs}]` : `[${batch}] or [${outputs}]`;
  if (loss.targets === 'labels' || !readsAs(shape, outputs)) refuse(path, `must be of shape ${wanted} for ${lossName}, got [${shape}]`);
  const { word, fits } = ranges[loss.range ?? 'real'];
  const at = data.findIndex((value) => !fits(value));
  if (at >= 0) refuse(path, `must be ${word} for ${lossName}, got ${data[at]} at value ${at}`);
  return { shape: outputs, data, dtype: 'float' };
}

/** A loss of other values than it is made for is a number that means nothing. */
const ranges: Readonly<Record<ValueRange, { readonly word: string; fits(value: number): boolean }>> = {
  real: { word: 'numbers', fits: () => true },
  signs: { word: '-1 or 1', fits: (value) => Math.abs(value) === 1 },
  shares: { word: 'numbers from 0 to 1', fits: (value) => value >= 0 && value <= 1 },
};

export function readHeldOut(
  { held_out: given }: InspectRequest,
  files: ArrayFiles,
  wanted: Wanted & { inputShape: Shape },
): Subject['heldOut'] {
  if (!given) return null;
  if (given.inputs === undefined) refuse('held_out.inputs', 'must be the inputs [n, …], got nothing');
  const { shape, data } = readTensor(given.inputs, 'held_out.inputs', files);
  const own = [shape[0]!, ...wanted.inputShape.slice(1)];
  if (shape.length < 1 || !readsAs(shape, own))
    refuse('held_out.inputs', `must be of shape [n, ${wanted.inputShape.slice(1).join()}] like the inputs, got [${shape}]`);
  const outputShape = [shape[0]!, ...wanted.outputShape.slice(1)];
  return { inputs: { shape: own, data }, targets: readTargets(given.targets, 'held_out.targets', files, { ...wanted, outputShape }) };
}
