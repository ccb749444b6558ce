/** @file a where the condition is not zero, else b; with broadcasting. What is not picked has no influence, NaN included. */
import { asNode, broadcastIndex, broadcastShapes, sumToShape } from '../elementwise.ts';
import { sizeOf, type Node, type Op } from '../node.ts';

export const where: Op<[condition: Node, a: Node | number, b: Node | number]> = {
  name: 'where',
  build: (g, condition, a, b) => g.node('where', [condition, asNode(g, a), asNode(g, b)]),
  infer([condition, a, b]) {
    if (condition!.dtype === 'int32' || a!.dtype === 'int32' || a!.dtype !== b!.dtype)
      throw new TypeError(
        `where: a float condition and two branches of one float type, got ${condition!.dtype}, ${a!.dtype} and ${b!.dtype}`,
      );
    return { shape: broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape)), dtype: a!.dtype };
  },
  reverse: (g, { inputs: [condition, a, b] }, dy, needs) => [
    null,
    needs[1] ? sumToShape(g, g.where(condition!, dy, 0), a!.shape) : null,
    needs[2] ? sumToShape(g, g.where(condition!, 0, dy), b!.shape) : null,
  ],
  forward: (g, { inputs: [condition], shape }, [, da, db]) =>
    da || db ? g.broadcastTo(g.where(condition!, da ?? 0, db ?? 0), shape) : null,
  evaluate(values, node) {
    const out = new Float64Array(sizeOf(node.shape));
    const [c, a, b] = node.inputs.map(({ shape }) => broadcastIndex(shape, node.shape));
    for (let i = 0; i < out.length; i++) out[i] = values[0]![c![i]!] !== 0 ? values[1]![a![i]!]! : values[2]![b![i]!]!;
    return out;
  },
  cases: [
    { title: 'by sign', inputs: [{ shape: [3, 4] }, { shape: [3, 4] }], make: (g, [a, b]) => g.where(g.greater(a!, 0), b!, g.square(a!)) },
    { title: 'a row against a scalar', inputs: [{ shape: [2, 3] }, { shape: [3] }], make: (g, [a, b]) => g.where(g.step(a!), b!, 0.5) },
  ],
};
