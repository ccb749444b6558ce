/** @file The catalog: every entry of every kind, found by name. */
import { activations } from './activations/index.ts';
import { clippings } from './clippings/index.ts';
import { datasets } from './datasets/index.ts';
import type {
  Activation,
  Clipping,
  Dataset,
  Entry,
  Init,
  Loss,
  Metric,
  Network,
  Optimizer,
  Parameterization,
  Prediction,
  Regularizer,
  Schedule,
} from './define.ts';
import { inits } from './inits/index.ts';
import { losses } from './losses/index.ts';
import { metrics } from './metrics/index.ts';
import { networks } from './networks/index.ts';
import { optimizers } from './optimizers/index.ts';
import { parameterizations } from './parameterizations/index.ts';
import { predictions } from './predictions/index.ts';
import { regularizers } from './regularizers/index.ts';
import { schedules } from './schedules/index.ts';

/** What an entry of each kind can do. Those of `specKinds` are chosen in a spec, under the same words. */
export interface Kinds {
  network: Network;
  activation: Activation;
  init: Init;
  parameterization: Parameterization;
  optimizer: Optimizer;
  schedule: Schedule;
  clipping: Clipping;
  regularizer: Regularizer;
  loss: Loss;
  dataset: Dataset;
  metric: Metric;
  prediction: Prediction;
}
export type Kind = keyof Kinds;

export const catalog: { readonly [K in Kind]: Readonly<Record<string, Kinds[K]>> } = {
  network: networks,
  activation: activations,
  init: inits,
  parameterization: parameterizations,
  optimizer: optimizers,
  schedule: schedules,
  clipping: clippings,
  regularizer: regularizers,
  loss: losses,
  dataset: datasets,
  metric: metrics,
  prediction: predictions,
};

export const specKinds = [
  'network',
  'activation',
  'init',
  'parameterization',
  'optimizer',
  'schedule',
  'clipping',
  'regularizer',
  'loss',
  'dataset',
] as const;
export type SpecKind = (typeof specKinds)[number];

/** @throws RangeError naming what is known */
export function entry<K extends Kind>(kind: K, name: string): Kinds[K] {
  const found = Object.hasOwn(catalog[kind], name) ? catalog[kind][name] : undefined;
  if (!found) throw new RangeError(`unknown ${kind}: ${name}; known: ${Object.keys(catalog[kind]).join(', ')}`);
  return found;
}

/** The default options of an entry: its name and every field's default. */
export function defaults(kind: SpecKind, name: string): { readonly kind: string; readonly [field: string]: string | number | boolean } {
  const { fields }: Entry = entry(kind, name);
  return { kind: name, ...Object.fromEntries(Object.entries(fields).map(([field, { default: value }]) => [field, value])) };
}
