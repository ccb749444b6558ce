/** @file Products of a matrix with one vector after another, at weights whose share of the work is done once; compiled once for all instruments. */
import { sizeOf, zerosOf, type Values } from '#core/graph/node.ts';
import type { Handle } from '#core/graph/program.ts';
import { productPrograms, type Product } from '#core/programs/lanczos.ts';
import type { CurvatureGround, Parameters } from './curvaturePart.ts';

export interface ProductsAt {
  /** image ← A vector, both [P]. */
  product(vector: Values, image: Values): Promise<void>;
  release(): void;
}

export interface Products {
  /**
   * For one set of weights at a time.
   *
   * @param given parameters, curvature batch and whatever else the objective holds; they stay the caller's
   */
  at(given: Parameters): Promise<ProductsAt>;
  close(): Promise<void>;
}

/** What is open on a ground, and how many instruments use it. */
const shared = new WeakMap<CurvatureGround, Map<Product, { readonly products: Promise<Products>; users: number }>>();

/** Instruments that take products of the same matrix on the same ground share one compiled program: they measure one after another. */
export async function openProducts(ground: CurvatureGround, of: Product): Promise<Products> {
  const open = shared.get(ground) ?? new Map<Product, { readonly products: Promise<Products>; users: number }>();
  shared.set(ground, open);
  const known = open.get(of) ?? { products: compiled(ground, of), users: 0 };
  open.set(of, known);
  known.users++;
  const { at, close } = await known.products;
  return {
    at,
    async close() {
      if (--known.users > 0) return;
      open.delete(of);
      await close();
    },
  };
}

async function compiled({ runtime, objective }: CurvatureGround, of: Product): Promise<Products> {
  const programs = productPrograms(objective, of);
  const prepare = programs.prepare && (await runtime.compile(programs.prepare));
  const each = await runtime.compile(programs.each);
  /** What `prepare` records goes into the same arrays every time. */
  const room: Record<string, Values> = {};
  for (const { name, value } of programs.prepare?.records ?? []) room[name] = zerosOf(value.dtype, sizeOf(value.shape));
  const parts: { name: string; shape: readonly number[]; from: number; to: number }[] = [];
  for (const { name, input } of objective.parameters) {
    const from = parts.at(-1)?.to ?? 0;
    parts.push({ name, shape: input.shape, from, to: from + sizeOf(input.shape) });
  }
  return {
    async at(given) {
      const kept: Record<string, Handle> = {};
      if (prepare) {
        await prepare.run({ state: {}, held: given, rows: {}, steps: 1, into: room });
        for (const { name, value } of prepare.program.records) kept[name] = await runtime.upload(room[name]!, value.shape, { lent: true });
      }
      return {
        async product(vector, image) {
          const vectors: Record<string, Handle> = {};
          for (const { name, shape, from, to } of parts)
            vectors[`vector.${name}`] = await runtime.upload(vector.subarray(from, to), shape, { lent: true });
          const into = Object.fromEntries(parts.map(({ name, from, to }) => [`product.${name}`, image.subarray(from, to)]));
          await each.run({ state: {}, held: { ...given, ...kept, ...vectors }, rows: {}, steps: 1, into });
          for (const handle of Object.values(vectors)) runtime.release(handle);
        },
        release() {
          for (const handle of Object.values(kept)) runtime.release(handle);
        },
      };
    },
    async close() {
      await prepare?.close();
      await each.close();
    },
  };
}
