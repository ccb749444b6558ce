/** @file Half the slope of log E|S_{k+t} - S_k|² against log t, S the running sum of a weight over the layers. */
import type { Metric } from '../define.ts';
import { depthPaths } from '../programs/depthPaths.ts';
import { mean } from '../statistics.ts';

/** Layers from which on there are two lags of at most a quarter of the path. */
const shortest = 8;

export const weightHurst: Metric = {
  card: {
    name: 'weightHurst',
    title: 'Hurst index over depth',
    formula: '\\tfrac12\\,\\frac{d\\log E|S_{k+t}-S_k|^2}{d\\log t},\\quad S_k=\\textstyle\\sum_{j\\le k}w_j',
    about:
      'How the running sum of a weight over the layers spreads: 1/2 for independent layers, towards 1 for smooth ones, below 1/2 where signs alternate. Over lags 1, 2, 4 … up to a quarter of the path; the mean over kernels in one place of their blocks, without those that are all zero.',
    source: 'Marion, Fermanian, Biau and Vert 2025',
  },
  fields: {},
  axes: [],
  cost: 'weights',
  scale: 'linear',
  absent: 'no eight layers have kernels of one shape in one place of their blocks',
  applies: ({ network }) => depthPaths(network).some(({ length }) => length >= shortest),
  weights({ paths }) {
    const kernels = paths.filter(({ length }) => length >= shortest).map((layers) => layers.map(({ kernel }) => kernel.values));
    const moving = kernels.filter((path) => path.some((values) => values.some((value) => value !== 0)));
    return Float64Array.of(moving.length > 0 ? mean(moving.map(hurst)) : NaN);
  },
};

function hurst(kernels: readonly Float64Array[]): number {
  const points: (readonly [number, number])[] = [];
  for (let lag = 1; lag <= kernels.length / 4; lag *= 2) {
    let total = 0;
    for (let entry = 0; entry < kernels[0]!.length; entry++) {
      const sums = [0];
      for (const kernel of kernels) sums.push(sums.at(-1)! + kernel[entry]!);
      total += mean(Array.from({ length: sums.length - lag }, (_, k) => (sums[k + lag]! - sums[k]!) ** 2));
    }
    points.push([Math.log(lag), Math.log(total)]);
  }
  const [x, y] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const slope = mean(points.map((point) => (point[0] - x) * (point[1] - y))) / mean(points.map((point) => (point[0] - x) ** 2));
  return slope / 2;
}
