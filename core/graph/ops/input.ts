/** @file A named input: state, data, or a row of them, fed when the graph runs. */
import { checkShape } from '../shapes.ts';
import type { DType, Node, Op, Shape } from '../node.ts';

export const input: Op<[name: string, shape: Shape, dtype?: DType], { name: string; shape: Shape; dtype: DType }> = {
  name: 'input',
  build: (g, name, shape, dtype = g.precision) => g.node('input', [], { name, shape, dtype }),
  infer: (_, { name, shape, dtype }) => ({ shape: checkShape(`input ${name}`, shape), dtype }),
  reverse: () => [],
  forward: () => null,
  evaluate: (_, node: Node) => {
    throw new Error(`input ${String(node.attrs.name)} was not fed`);
  },
  cases: [],
};
