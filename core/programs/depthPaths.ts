/** @file Which layers a weight runs through in the order of depth: those whose kernels have one shape and one place in their blocks. */
import type { NetworkPlan } from '../define.ts';

/** Indices of layers, at least two each: `block1.v`, `block2.v` … are a path, and so are `layer2`, `layer3` … of one width. */
export function depthPaths({ layers, parameters }: Pick<NetworkPlan, 'layers' | 'parameters'>): number[][] {
  const paths = new Map<string, number[]>();
  for (const { role, shape, layer } of parameters) {
    if (role !== 'weight') continue;
    const key = `${layers[layer]!.name.replaceAll(/\d+/g, '#')} [${shape}]`;
    paths.set(key, [...(paths.get(key) ?? []), layer]);
  }
  return [...paths.values()].filter((path) => path.length > 1);
}
