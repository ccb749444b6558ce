/**
 * @file Products of patches, a few images at a time: what lies under the windows is written into the cache and read from there.
 *
 * 64 images of 28 x 28 pixels and 64 channels under 3 x 3 windows are 115 MB, written and read at the memory's speed; in blocks their product
 * with 32 filters takes 18 ms in place of 39, 11 of them multiplications at the processor's peak. Writing the patches again for the filter
 * gradient costs less than keeping them.
 */
import { sizeOf, type Node, type TensorType } from '#core/graph/node.ts';
import type { Scope } from './scope.ts';

/** Patches of a block, in bytes: a few fit into the last cache of a core. */
const blockBytes = 4 * 2 ** 20;

/** A product one of whose factors is a matrix of patches, [rows, places · channels]. */
interface BlockedProduct {
  readonly patches: Node;
  readonly images: number;
  /** patches · other, or the transposed patches times other, or the transposed other times the patches. */
  readonly kind: 'filtered' | 'gradient' | 'turnedGradient';
  readonly other: Node;
}

export interface Blocks {
  readonly products: ReadonlyMap<Node, BlockedProduct>;
  /** Patches that nobody needs whole, and their reshapes. */
  readonly skipped: ReadonlySet<Node>;
}

/** Images of a block: the most that divide the batch and stay below the limit; null where all of them do. */
function imagesOf(patches: Node): number | null {
  const batch = patches.shape[0]!;
  const bytes = (sizeOf(patches.shape) / batch) * (patches.dtype === 'float64' ? 8 : 4);
  if (bytes * batch <= blockBytes) return null;
  let images = Math.max(1, Math.floor(blockBytes / bytes));
  while (batch % images !== 0) images--;
  return images;
}

/** The patches behind a matrix of their rows. */
function patchesOf(matrix: Node): Node | null {
  const source = matrix.op === 'reshape' ? matrix.inputs[0]! : matrix;
  return source.op === 'patches' && matrix.shape.length === 2 && matrix.shape[1] === source.shape[3] ? source : null;
}

function productOf(node: Node): BlockedProduct | null {
  if (node.op !== 'matMul' || node.shape.length !== 2) return null;
  const [a, b] = node.inputs as [Node, Node];
  const { transposeA, transposeB } = node.attrs as { transposeA: boolean; transposeB: boolean };
  const [left, right] = [patchesOf(a), patchesOf(b)];
  const found = (patches: Node, kind: BlockedProduct['kind'], other: Node) => {
    const images = imagesOf(patches);
    return images === null ? null : { patches, images, kind, other };
  };
  if (left && !right && !transposeA) return found(left, 'filtered', b);
  if (left && !right && !transposeB) return found(left, 'gradient', b);
  if (right && !left && transposeA && !transposeB) return found(right, 'turnedGradient', a);
  return null;
}

export function blocksOf(order: readonly Node[], uses: ReadonlyMap<Node, readonly Node[]>): Blocks {
  const products = new Map<Node, BlockedProduct>();
  for (const node of order) {
    const product = productOf(node);
    if (product) products.set(node, product);
  }
  const skipped = new Set<Node>();
  const readByProducts = (node: Node) => uses.get(node)!.every((use) => use !== node && (products.has(use) || skipped.has(use)));
  for (const node of [...order].reverse()) if ((node.op === 'patches' || patchesOf(node)) && readByProducts(node)) skipped.add(node);
  return { products, skipped };
}

/** @param under the patches of a block of images, by name */
export function blockedProduct(
  scope: Scope,
  { shape, dtype, attrs }: Node,
  { patches, images, kind, other }: BlockedProduct,
  nameOf: (node: Node) => string,
  under: (inner: Scope, patches: Node, images: string) => string,
): string {
  const [image] = patches.inputs as [Node];
  const blocks = patches.shape[0]! / images;
  const [rows, columns] = [sizeOf(patches.shape) / patches.shape[3]! / blocks, patches.shape[3]!];
  const cut = (node: Node, size: readonly number[]): [string, TensorType] => [
    scope.emit('Reshape', [nameOf(node), scope.int64s([blocks, ...size])]),
    { shape: size, dtype },
  ];
  const size = [images, ...image.shape.slice(1)];
  const block: Node = { ...patches, shape: [images, ...patches.shape.slice(1)], inputs: [{ ...image, shape: size }] };
  const matrix = (inner: Scope, name: string) => inner.emit('Reshape', [under(inner, block, name), inner.int64s([rows, columns])]);
  if (kind === 'filtered') {
    const filters = shape[1]!;
    const joined = scope.scan([cut(image, size)], { shape: [rows, filters], dtype }, (inner, [name]) =>
      attrs.transposeB
        ? inner.emit('Gemm', [matrix(inner, name!), nameOf(other)], { transB: 1 })
        : inner.emit('MatMul', [matrix(inner, name!), nameOf(other)]),
    );
    return scope.emit('Reshape', [joined, scope.int64s(shape)]);
  }
  const filters = other.shape[1]!;
  const start = scope.emit('Expand', [scope.scalar(dtype, 0), scope.int64s([filters, columns])]);
  const total = scope.scan(
    [cut(image, size), cut(other, [rows, filters])],
    { shape: [filters, columns], dtype },
    // the narrow factor is turned by itself: Gemm is a third slower where it has to turn the patches, or this one
    (inner, [name, factor], sum) => inner.emit('Gemm', [inner.emit('Transpose', [factor!], { perm: [1, 0] }), matrix(inner, name!), sum!]),
    start,
  );
  return kind === 'gradient' ? scope.emit('Transpose', [total], { perm: [1, 0] }) : total;
}
