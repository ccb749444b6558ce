/** @file The diagonal blocks of the Hessian, one per layer: a product and a Lanczos run for all of them at once. */
import type { Builder } from '../graph/builder.ts';
import { gathered } from '../graph/cut.ts';
import { gradient } from '../graph/differentiate.ts';
import { sizeOf, type Node } from '../graph/node.ts';
import type { Program } from '../graph/program.ts';
import { ownTangents } from '../graph/seeds.ts';
import { simplify } from '../graph/simplify.ts';
import type { LayeredObjective } from './lanczos.ts';

/** Vectors in the shapes of the objective's inputs [G, …] → every block times its part of them. */
export type BlockProduct = (vectors: readonly Node[]) => Node[];

/** Layers in the vector of members: sums over a layer's members and the way back. */
export function layerSums(g: Builder, { members, taps }: LayeredObjective) {
  const layerOf = members.flat().map(({ layer }) => layer);
  const places: number[][] = taps.map(() => []);
  layerOf.forEach((layer, member) => places[layer]!.push(member));
  const most = Math.max(...places.map(({ length }) => length));
  const picks = Array.from({ length: most }, (_, k) => g.constant(Int32Array.from(places, (of) => of[k] ?? layerOf.length)));
  const identity = layerOf.length === taps.length && layerOf.every((layer, member) => layer === member);
  return {
    /** One part per stack, [G, …] each → for each layer the parts of its members, zero where it has fewer: [L, …] each. */
    parts(perStack: readonly Node[]): Node[] {
      const all = g.concat(perStack, 0); // [M, …]
      if (identity) return [all];
      const withZero = g.concat([all, g.constant(0, [1, ...all.shape.slice(1)])], 0);
      return picks.map((pick) => g.gather(withZero, pick));
    },
    /** [L, …] → [G, …] for each stack. */
    spread(perLayer: Node): Node[] {
      const all = identity ? perLayer : g.gather(perLayer, g.constant(Int32Array.from(layerOf)));
      let start = 0;
      return members.map(({ length }) => g.slice(all, 0, start, (start += length)));
    },
  };
}

/** Exact products with all blocks of H: forward over reverse, from every layer at once. (L+1)/3 gradients. */
export function triangularProduct({ g, loss, members }: LayeredObjective): BlockProduct {
  const flat = members.flat();
  const gradients = gradient(
    g,
    loss,
    flat.map(({ node }) => node),
  );
  return (vectors) => {
    const directions = members.flatMap((of, stack) => of.map((_, member) => g.slice(vectors[stack]!, 0, member, member + 1)));
    const products = ownTangents(
      g,
      flat.map(({ layer }, i) => ({ node: gradients[i]!, place: layer })),
      flat.map(({ node, layer }, i) => ({ node, place: layer, direction: directions[i]! })),
    );
    let next = 0;
    return members.map((of) => {
      const parts = of.map(({ node }) => products[next++] ?? g.constant(0, node.shape));
      return g.concat(parts, 0);
    });
  };
}

/**
 * Lanczos on every block at once, with full reorthogonalization, twice, in every step; a step is one product of all blocks.
 *
 * State, for each input [G, …] of n values a member: `basis.<name>` [G, R+1, n], row 0 the start of unit norm per layer, the others zero;
 * `vector.<name>` [G, n], the same start. Rows: `next` [R+1, 1], the unit vector e_{j+1}. Records: `alpha` [L], `beta` [L].
 */
export function blockLanczosProgram(objective: LayeredObjective, rank: number, product: BlockProduct, title: string): Program {
  const { g, parameters, held } = objective;
  const sums = layerSums(g, objective);
  const next = g.input('next', [rank + 1, 1]);
  const stacks = parameters.map(({ name, input }) => {
    const [count, size] = [input.shape[0]!, sizeOf(input.shape.slice(1))];
    return {
      name,
      shape: input.shape,
      basis: g.input(`basis.${name}`, [count, rank + 1, size]),
      vector: g.input(`vector.${name}`, [count, size]),
    };
  });
  const products = gathered(
    g,
    simplify(g, product(stacks.map(({ vector, shape }) => g.reshape(vector, shape)))),
    stacks.map(({ vector }) => vector),
  ).map((w, i) => g.reshape(w, stacks[i]!.vector.shape));
  const total = (parts: readonly Node[]) => parts.reduce((sum, part) => g.add(sum, part));
  const alpha = total(sums.parts(stacks.map(({ vector }, i) => g.sum(g.mul(vector, products[i]!), [1]))));
  const column = (x: Node) => g.reshape(x, [...x.shape, 1]);
  const beside = (vectors: readonly Node[]): Node[] => {
    const projections = stacks.map(({ basis }, i) => g.reshape(g.matMul(basis, column(vectors[i]!)), basis.shape.slice(0, 2))); // [G, R+1]
    const along = sums.spread(total(sums.parts(projections)));
    return stacks.map(({ basis, vector }, i) => {
      const inside = g.matMul(g.reshape(along[i]!, [vector.shape[0]!, 1, rank + 1]), basis); // [G, 1, n]
      return g.sub(vectors[i]!, g.reshape(inside, vector.shape));
    });
  };
  const rests = beside(beside(products));
  const lengths = sums.parts(rests.map((rest) => g.norm(rest, [1])));
  const beta = g.norm(g.concat(lengths.map(column), 1), [1]); // [L]
  const divisors = sums.spread(g.maximum(beta, 1e-30)); // an exhausted space leaves rounding noise, cut off on the host
  const normed = rests.map((rest, i) => g.div(rest, column(divisors[i]!)));
  return {
    title,
    g,
    state: stacks.flatMap(({ basis, vector, name }, i) => {
      const row = g.mul(g.reshape(next, [1, rank + 1, 1]), g.reshape(normed[i]!, [vector.shape[0]!, 1, -1]));
      return [
        { name: `basis.${name}`, input: basis, next: g.add(basis, row) },
        { name: `vector.${name}`, input: vector, next: normed[i]! },
      ];
    }),
    held: [...parameters, ...held],
    rows: [{ name: 'next', input: next }],
    records: [
      { name: 'alpha', value: alpha },
      { name: 'beta', value: beta },
    ],
  };
}

/** `coefficients` [L, R+1] of each block's basis → `vector` [1, P]: the blocks' Ritz vectors, for the next measurement's warm start. */
export function blockCombineProgram(objective: LayeredObjective, rank: number): Program {
  const { g, parameters } = objective;
  const coefficients = g.input('coefficients', [objective.taps.length, rank + 1]);
  const spread = layerSums(g, objective).spread(coefficients);
  const bases = parameters.map(({ name, input }) => ({
    name: `basis.${name}`,
    input: g.input(`basis.${name}`, [input.shape[0]!, rank + 1, sizeOf(input.shape.slice(1))]),
  }));
  const vectors = bases.map(({ input }, i) => g.matMul(g.reshape(spread[i]!, [input.shape[0]!, 1, rank + 1]), input)); // [G, 1, n]
  return {
    title: 'combinations of the blocks’ bases',
    g,
    state: [],
    held: bases,
    rows: [{ name: 'coefficients', input: coefficients }],
    records: [
      {
        name: 'vector',
        value: g.concat(
          vectors.map((vector) => g.reshape(vector, [1, -1])),
          1,
        ),
      },
    ],
  };
}
