/** @file The diagonal blocks of the Hessian, one per layer: a product with all of them at once. */
import type { Builder } from '../graph/builder.ts';
import { gradient } from '../graph/differentiate.ts';
import type { Node } from '../graph/node.ts';
import { channelwise } from '../graph/channelwise.ts';
import { ownTangents, type Seed } from '../graph/seeds.ts';
import type { LayeredObjective } from './lanczos.ts';

/**
 * Layers whose tangents travel in one stack. A stack of all of them is written anew at every layer, and no cache holds it: 14% of a product for
 * 50 layers of 64; in eights 2%, and 180 MiB less of memory.
 */
const together = 8;

/** Every member, moving along its own part of the vectors. */
export const memberSeeds = ({ g, members }: LayeredObjective, vectors: readonly Node[]): Seed[] =>
  members.flatMap((of, stack) =>
    of.map(({ node, layer }, member) => ({ node, place: layer, direction: g.slice(vectors[stack]!, 0, member, member + 1) })),
  );

/** What was found for the members in the shapes of the objective's inputs, zero where nothing was. */
export const joined = (g: Builder, members: LayeredObjective['members'], found: ReadonlyMap<Node, Node | null>): Node[] =>
  members.map((of) =>
    g.concat(
      of.map(({ node }) => found.get(node) ?? g.constant(0, node.shape)),
      0,
    ),
  );

/** The seeds of so many layers at a time. */
export const inGroups = <T extends { readonly place: number }>(layers: number, seeds: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(layers / together) }, (_, group) => seeds.filter(({ place }) => Math.floor(place / together) === group));

/** Exact products with all blocks of H: forward over reverse, from every layer at once. (L+1)/3 gradients. */
export function triangularProduct(objective: LayeredObjective, vectors: readonly Node[]): Node[] {
  const { g, loss, members, taps, parameters } = objective;
  const flat = memberSeeds(objective, vectors);
  const inputs = parameters.map(({ input }) => input);
  const gradients = gradient(
    g,
    channelwise(g, loss, inputs),
    flat.map(({ node }) => node),
  );
  const products = new Map<Node, Node | null>();
  const moving = flat.map((seed, i) => ({ ...seed, gradient: gradients[i]! }));
  for (const seeds of inGroups(taps.length, moving)) {
    const found = ownTangents(
      g,
      seeds.map(({ gradient, place }) => ({ node: gradient, place })),
      seeds,
    );
    seeds.forEach(({ node }, i) => products.set(node, found[i]!));
  }
  return joined(g, members, products);
}
