/**
 * @file Simplification of stacks [G, M, N]: seen as [G·M, N] their members are taken apart and joined without a change of shape for each. 150 of
 * the 746 nodes of a bare step with 50 layers of 64.
 */
import type { Builder } from './builder.ts';
import type { Node, Shape } from './node.ts';

/** True where `to` is `from` with its two leading axes as one. */
const merged = (from: Shape, to: Shape): boolean =>
  from.length === to.length + 1 && to[0] === from[0]! * from[1]! && to.slice(1).every((n, i) => n === from[i + 2]);

/** A member's matrix is rows of the whole. */
export function rowsOfStack(g: Builder, { inputs: [part], shape }: Node): Node | null {
  if (part!.op !== 'slice' || part!.attrs.axis !== 0 || !merged(part!.shape, shape)) return null;
  const { start, end } = part!.attrs as { start: number; end: number };
  const [stack] = part!.inputs as [Node];
  const rows = stack.shape[1]!;
  return g.slice(g.reshape(stack, [stack.shape[0]! * rows, ...stack.shape.slice(2)]), 0, start * rows, end * rows);
}

/** Sums over rows are rows themselves, and are joined as such: 50 changes of shape less in a product for 50 layers. */
export function stackOfSums(g: Builder, { inputs: parts, attrs, shape }: Node): Node | null {
  const rows = parts.map(({ op, attrs: own, inputs: [of] }) =>
    op === 'sum' && !own.keepDims && of!.shape.length === 2 && (own.axes as number[]).join() === '0' ? g.sum(of!, [0], true) : null,
  );
  const width = parts[0]!.shape[0];
  if (attrs.axis !== 0 || !rows.every((row) => row !== null && row.shape[1] === width)) return null;
  return g.reshape(g.concat(rows as Node[], 0), shape);
}

/** Matrices are joined as they are, and what they make is a stack. */
export function stackOfRows(g: Builder, { inputs: parts, attrs, shape }: Node): Node | null {
  if (attrs.axis !== 0 || !parts.every((part) => part.op === 'reshape' && merged(part.shape, part.inputs[0]!.shape))) return null;
  const rows = parts.map(({ inputs: [of] }) => of!);
  return g.reshape(g.concat(rows, 0), shape);
}

/** A member of what was joined so is one of the parts again. */
export function memberOfRows(g: Builder, { inputs: [stack], attrs, shape }: Node): Node | null {
  const [joined] = stack!.inputs;
  if (attrs.axis !== 0 || stack!.op !== 'reshape' || joined!.op !== 'concat' || joined!.attrs.axis !== 0) return null;
  if (!merged(stack!.shape, joined!.shape)) return null;
  const [from, to] = [(attrs.start as number) * stack!.shape[1]!, (attrs.end as number) * stack!.shape[1]!];
  let offset = 0;
  for (const part of joined!.inputs) {
    if (offset === from && offset + part.shape[0]! === to) return g.reshape(part, shape);
    offset += part.shape[0]!;
  }
  return null;
}
