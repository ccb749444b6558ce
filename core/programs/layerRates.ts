/** @file The learning rate of each layer's kernel before a run starts, as the parameterization spreads it. */
import { entry } from '../catalog.ts';
import type { DataSize } from '../define.ts';
import type { Spec } from '../spec.ts';
import { calibrationOf, scalingsOf } from './scalings.ts';

/** Layers in a row that share their rates. */
export interface LayerRates {
  readonly from: string;
  readonly to: string;
  /** Of the first steps; null where it will be calibrated on the data. */
  readonly first: number | null;
  /** Of all later steps. */
  readonly later: number;
}

/** η m^-(c + 2a) (m^-(c + a) for Adam and its kin), schedule aside, bottom first; null where all layers have the rate η. */
export function layerRates(spec: Spec, data: DataSize): LayerRates[] | null {
  const network = entry('network', spec.network.kind).plan(spec.network, data);
  const scalings = scalingsOf(network, spec);
  const eta = spec.optimizer.learningRate as number;
  const calibrated = calibrationOf(spec) !== null;
  const kernels = network.parameters.filter(({ role }) => role === 'weight').sort((a, b) => a.layer - b.layer);
  const groups: LayerRates[] = [];
  for (const kernel of kernels) {
    const { rate } = scalings.get(kernel)!;
    const { name } = network.layers[kernel.layer]!;
    // the first layer's base is 1 where the others' are calibrated
    const first = calibrated ? (kernel.layer === 0 ? rate[0] : null) : eta * rate[0];
    const later = eta * rate[1];
    const last = groups.at(-1);
    if (last && last.first === first && last.later === later) groups[groups.length - 1] = { ...last, to: name };
    else groups.push({ from: name, to: name, first, later });
  }
  return groups.length === 1 && groups[0]!.first === eta && groups[0]!.later === eta ? null : groups;
}
