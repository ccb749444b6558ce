/** @file What a spec says about its layers and its steps, as diagnoses and predictions read it. */
import { entry } from '../catalog.ts';
import type { Layer, Parameter } from '../define.ts';
import type { Spec } from '../spec.ts';
import { descents, type Descent } from '../theory/equilibrium.ts';

/** A layer with its kernel. */
export interface LayerFacts extends Layer {
  readonly index: number;
  readonly kernel: Parameter;
  /** What the regularizer does to the kernel. */
  readonly treatment: string | null;
}

/** Stand in where only a worker can read the data: no layer but the first and the last depends on them. */
const unknownData = { inputs: 3072, outputs: 10, imageShape: [32, 32, 3] } as const;

export function layersOf(spec: Spec): LayerFacts[] {
  const data = entry('dataset', spec.dataset.kind).sizes(spec.dataset) ?? unknownData;
  const { layers, parameters } = entry('network', spec.network.kind).plan(spec.network, data);
  const regularizer = entry('regularizer', spec.regularizer.kind);
  return layers.map((layer, index) => {
    const kernel = parameters.find((parameter) => parameter.layer === index && parameter.role === 'weight')!;
    return { ...layer, index, kernel, treatment: regularizer.treatment(kernel, layer, spec.regularizer) };
  });
}

export const hiddenLayers = (spec: Spec): LayerFacts[] => layersOf(spec).filter(({ kind }) => kind !== 'readout');

export const namesOf = (layers: readonly { readonly name: string }[]): string =>
  layers.length === 1 ? layers[0]!.name : `${layers[0]!.name} to ${layers.at(-1)!.name}`;

/** Steps that are multiples of the gradient, as in SGD, and μ of the heavy ball; null for steps that are not. */
export function descent({ optimizer }: Spec): { readonly learningRate: number; readonly momentum: number; readonly kind: Descent } | null {
  const { learningRate, momentum = 0 } = optimizer as { kind: string; learningRate: number; momentum?: number };
  const kind = descents.find((name) => name === optimizer.kind);
  return kind ? { kind, learningRate, momentum } : null;
}
