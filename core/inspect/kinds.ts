/** @file What the layers of a list are to the metrics: readout, branch or hidden, and whether a normalization follows directly. */
import type { Layer } from '../define.ts';
import type { LayerSpec } from './layers.ts';

/** @param biased indices of the layers that have a bias */
export function layerKinds(layers: readonly LayerSpec[], biased: ReadonlySet<number>): ReadonlyMap<number, Layer> {
  const weights = layers.flatMap(({ type }, at) => (type === 'dense' || type === 'conv2d' ? [at] : []));
  return new Map(
    weights.map((at) => [
      at,
      { name: layers[at]!.name, kind: kindOf(layers, at), scaleInvariant: invarianceOf(layers, at, biased.has(at)) },
    ]),
  );
}

/** Where the residual stream begins, and the additions that leave it: those that no longer branch contains. Indices of layers; -1 for none. */
export function residualStream(layers: readonly LayerSpec[]): { readonly start: number; readonly states: ReadonlySet<number> } {
  /** Where the value that is saved here is added for the last time, before its key is taken again. */
  const spans = layers.flatMap((layer, from): [from: number, to: number][] => {
    if (layer.type !== 'save') return [];
    const next = layers.findIndex((other, at) => at > from && other.type === 'save' && other.key === layer.key);
    const to = layers.findLastIndex((other, at) => at < (next < 0 ? Infinity : next) && other.type === 'add' && other.key === layer.key);
    return to > from ? [[from, to]] : [];
  });
  const within = (at: number) => spans.some(([from, to]) => from < at && at < to);
  const states = layers.flatMap(({ type }, at) => (type === 'add' && !within(at) ? [at] : []));
  return { start: spans[0]?.[0] ?? -1, states: new Set(states) };
}

/** A readout has no function behind it; a branch lies between a `save` and the `add` of the same key. */
function kindOf(layers: readonly LayerSpec[], at: number): Layer['kind'] {
  const behind = layers.slice(at + 1);
  const inBranch = layers
    .slice(0, at)
    .some(
      (layer, from) => layer.type === 'save' && behind.some((other) => other.type === 'add' && other.key === layer.key && isLast(from)),
    );
  /** The `save` whose value is meant: no later one of its key stands in front of the layer. */
  function isLast(from: number): boolean {
    const { key } = layers[from] as { key: string };
    return !layers.slice(from + 1, at).some((layer) => (layer.type === 'save' || layer.type === 'add') && layer.key === key);
  }
  if (inBranch) return 'branch';
  const linear = !activates(layers[at]!) && behind.every(({ type }) => type === 'flatten' || type === 'global_avg_pool' || type === 'save');
  return linear ? 'readout' : 'hidden';
}

const activates = (layer: LayerSpec): boolean => 'activation' in layer && layer.activation !== undefined;

/** Batch normalization takes a bias away with the mean; layer normalization does not. */
function invarianceOf(layers: readonly LayerSpec[], at: number, bias: boolean): Layer['scaleInvariant'] {
  const next = layers[at + 1]?.type;
  if (activates(layers[at]!)) return false;
  return next === 'batchnorm' ? 'filter' : next === 'layernorm' && !bias ? 'layer' : false;
}
