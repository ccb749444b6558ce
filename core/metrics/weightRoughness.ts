/** @file Mean square of the steps of a weight from layer to layer, over twice its variance along the depth. */
import type { Metric } from '../define.ts';
import { depthPaths } from '../programs/depthPaths.ts';
import { mean } from '../statistics.ts';
import type { WeightsMoment } from './moments.ts';

export const weightRoughness: Metric = {
  card: {
    name: 'weightRoughness',
    title: 'Roughness over depth',
    formula: '\\overline{(w_{k+1}-w_k)^2}\\,/\\,2\\,\\overline{\\operatorname{var}_k w}',
    about:
      'Mean square of the steps of a weight from layer to layer, over twice its variance along the depth: about 1 for independent layers, near 0 for a smooth path. The mean over kernels in one place of their blocks, without those that do not change along the depth.',
    source: 'Marion, Fermanian, Biau and Vert 2025',
  },
  fields: {},
  axes: [],
  cost: 'weights',
  scale: 'log',
  absent: 'no two layers have kernels of one shape in one place of their blocks',
  applies: ({ network }) => depthPaths(network).length > 0,
  weights({ paths }) {
    const ratios = paths.map(roughness).filter((ratio) => ratio !== null);
    return Float64Array.of(ratios.length > 0 ? mean(ratios) : NaN);
  },
};

/** Null where nothing changes along the path. */
function roughness(layers: WeightsMoment['paths'][number]): number | null {
  let [steps, spread] = [0, 0];
  for (let entry = 0; entry < layers[0]!.kernel.values.length; entry++) {
    const path = layers.map(({ kernel }) => kernel.values[entry]!);
    const middle = mean(path);
    steps += mean(path.slice(1).map((value, k) => (value - path[k]!) ** 2));
    spread += mean(path.map((value) => (value - middle) ** 2));
  }
  return spread === 0 ? null : steps / (2 * spread);
}
