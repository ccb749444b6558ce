/** @file What a run will cost, before it starts: parameters, arithmetic, time, bytes. */
import { catalog, entry } from './catalog.ts';
import { sizeOf } from './graph/node.ts';
import { hostInstruments, type HostInstrument } from './metrics/moments.ts';
import { layerRates, type LayerRates } from './programs/layerRates.ts';
import type { Spec } from './spec.ts';

export interface Estimate {
  readonly parameters: number;
  /** Floating-point operations of one step: 6 per multiplication and sample (forward 2, backward 4), and what the optimizer has solved. */
  readonly flopsPerStep: number;
  /** At `gigaflops` and a fixed cost per layer; curvature and the host instruments on top by their shares. */
  readonly seconds: number;
  /** Bytes recorded over the run. */
  readonly bytes: number;
  /** Weights, gradient, optimizer slots and the activations of one batch. */
  readonly memoryBytes: number;
  /** Learning rates of layers in a row; null where all have the same. */
  readonly layerRates: readonly LayerRates[] | null;
  /** False where the data set's sizes are known only once its files are read. */
  readonly exact: boolean;
}

/** What one core of a current CPU sustains on narrow matrix products, and what one layer costs beside them (bench/trainingStep). */
const reference = { gigaflops: 40, secondsPerLayer: 25e-6 };

export function estimateCost(spec: Spec, { gigaflops, secondsPerLayer } = reference): Estimate {
  const sizes = entry('dataset', spec.dataset.kind).sizes(spec.dataset);
  const data = sizes ?? ({ inputs: 784, outputs: 10, train: 60_000, heldOut: 10_000, imageShape: [28, 28, 1] } as const);
  const { parameters: all, layers, multiplications } = entry('network', spec.network.kind).plan(spec.network, data);
  const optimizer = entry('optimizer', spec.optimizer.kind);
  const batch = optimizer.fullBatch ? data.train : spec.batchSize;
  const parameters = all.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const perExample = multiplications ?? parameters;
  const size = { parameters: all, perExample, batchSize: batch, outputs: data.outputs };
  const flopsPerStep = 6 * perExample * batch + (optimizer.solver?.flops(size, spec.optimizer) ?? 0);
  const evaluations = (spec.steps / spec.metrics.evaluationEvery) * (data.heldOut + Math.min(data.train, 10_000)) * 2 * perExample;
  const training = spec.steps * (flopsPerStep / (gigaflops * 1e9) + layers.length * secondsPerLayer) + evaluations / (gigaflops * 1e9);
  const shares = [
    ...(spec.curvature.enabled && spec.curvature.every === 'auto' ? [spec.curvature.share] : []),
    ...hostInstruments.filter((name) => spec.metrics[name] === 'auto' && isWanted(name, spec)).map(() => spec.metrics.share),
  ];
  const seconds = training * shares.reduce((sum, share) => sum + share / (1 - share), 1); // each takes its share beside training
  const widths = stepMetricWidths(layers.length);
  const names = spec.metrics.step === 'all' ? Object.keys(widths) : spec.metrics.step;
  const width = names.reduce((sum, name) => sum + widths[name]!, 0);
  const bytes = Math.ceil(spec.steps / spec.metrics.every) * (4 * width + 8 * names.length);
  const bytesPerValue = spec.runtime.precision === 'float64' ? 8 : 4;
  const memoryBytes =
    bytesPerValue *
    (parameters * (3 + optimizer.slots.length) +
      3 * batch * all.reduce((sum, { role, fanOut }) => sum + (role === 'weight' ? fanOut : 0), 0));
  return { parameters, flopsPerStep, seconds, bytes, memoryBytes, layerRates: layerRates(spec, data), exact: sizes !== null };
}

const isWanted = (instrument: HostInstrument, { metrics: { host } }: Spec): boolean =>
  host === 'all' || host.some((name) => entry('metric', name).cost === instrument);

/** Values a row of each step metric holds. */
function stepMetricWidths(layers: number): Record<string, number> {
  const metrics = Object.values(catalog.metric).filter(({ cost }) => cost === 'step');
  return Object.fromEntries(metrics.map(({ card, axes }) => [card.name, axes.length === 0 ? 1 : layers]));
}
