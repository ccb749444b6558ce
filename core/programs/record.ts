/**
 * @file The record of a training step: everything that is measured in one vector, and metrics out of it, finished in float64 on the host.
 *
 * One readback a call, whatever is measured. Where a number lies in the record says when runtimes that go by the graph make it: what comes last
 * in the record comes first in time.
 */
import { catalog } from '../catalog.ts';
import type { Axis } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import { sizeOf, type Node, type Values } from '../graph/node.ts';
import type { Recorded, StepMoment } from '../metrics/moments.ts';

/** Where the values of one of a metric's parts lie in the record, and where what each is multiplied by; -1 where nothing does. */
interface Places {
  readonly values: Int32Array;
  readonly factors: Int32Array;
}

/** A metric that is part of the record. */
export interface RecordedMetric {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly width: number;
  readonly parts: readonly Places[];
}

/**
 * All that the metrics are made of, each node once; the loss always comes first.
 *
 * @returns the record [R], and the metrics that this moment has
 */
export function recordOf(
  g: Builder,
  wanted: 'all' | readonly string[],
  moment: StepMoment,
  layers: number,
): { readonly record: Node; readonly metrics: readonly RecordedMetric[] } {
  const found = Object.values(catalog.metric).flatMap(({ card: { name }, axes, step }) => {
    const parts = step && (wanted === 'all' || name === 'loss' || wanted.includes(name)) ? step.parts(moment) : null;
    return parts ? [{ name, axes, parts }] : [];
  });
  const starts = new Map<Node, number>();
  let width = 0;
  for (const node of inTime(g, moment, [...new Set(found.flatMap(({ parts }) => parts))])) {
    starts.set(node, width);
    width += sizeOf(node.shape);
  }
  const flat = [...starts.keys()].map((node) => g.reshape(node, [-1]));
  const metrics = found.map(({ name, axes, parts }) => ({
    name,
    axes,
    width: axes.length === 0 ? 1 : layers,
    parts: parts.map((part) => placesOf(part, starts)),
  }));
  return { record: g.concat(flat, 0), metrics };
}

/**
 * The nodes of the parts, what is known last first: what belongs to small tensors, norms side by side; then large tensors one by one, with a value
 * of the weights that the step ends with, so that norms and update find the gradient in the cache (metrics of 50 layers of 256 cost 17%
 * of a step so, and 35% where all norms come first); at last what the forward pass knows, which holds its activations no longer than training does.
 */
function inTime(g: Builder, { loss }: StepMoment, parts: readonly Recorded[]): Set<Node> {
  const small: Node[] = [];
  const large = new Map<Node, Node[]>();
  const early: Node[] = [];
  for (const part of parts)
    for (const { values, factor, beside } of part.pieces) {
      if (factor) small.push(factor);
      if (beside && !large.has(beside)) large.set(beside, [g.slice(g.reshape(beside, [-1]), 0, 0, 1)]);
      (part.early ? early : beside ? large.get(beside)! : small).push(values);
    }
  const normsFirst = (nodes: readonly Node[]) => [...nodes].sort((a, b) => Number(b.op === 'norm') - Number(a.op === 'norm'));
  return new Set([
    loss,
    ...normsFirst(small),
    ...[...large.values()].flatMap(([after, ...nodes]) => [after!, ...normsFirst(nodes)]),
    ...early,
  ]);
}

function placesOf({ pieces, order }: Recorded, starts: ReadonlyMap<Node, number>): Places {
  const values = pieces.flatMap(({ values }) => Array.from({ length: sizeOf(values.shape) }, (_, i) => starts.get(values)! + i));
  const factors = pieces.flatMap(({ values, factor }) => new Array<number>(sizeOf(values.shape)).fill(factor ? starts.get(factor)! : -1));
  const places = order ?? Int32Array.from(values.keys());
  return { values: places.map((i) => values[i]!), factors: places.map((i) => factors[i]!) };
}

/** Row k of a call's records, finished: the values of one metric in float64. */
export function finishRow({ name, parts }: RecordedMetric, records: Values, row: number, recordWidth: number): Float64Array {
  const start = row * recordWidth;
  const values = parts.map(({ values, factors }) =>
    Float64Array.from(values, (place, i) => {
      const factor = factors[i]!;
      return records[start + place]! * (factor < 0 ? 1 : records[start + factor]!);
    }),
  );
  return catalog.metric[name]!.step!.finish(values);
}
