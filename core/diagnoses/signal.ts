/**
 * @file How much of the signal reaches a layer: what goes up to it and what comes back down, against a network that keeps both.
 *
 * The gradient of kernel k is ‖δ_k‖‖x_{k-1}‖. Among equal layers, bottom b to top t, S_k = (‖g_k‖/‖g_t‖)(‖x_{t-1}‖/‖x_{b-1}‖) is what the
 * activations lost on their way up times what the errors lost on their way down, whatever the loss is.
 */
import type { RunResult } from '../results.ts';
import { layersOf, type LayerFacts } from './runFacts.ts';
import { together } from './rows.ts';

export const signalMetrics = ['gradNorm', 'activationNorm'] as const;

export interface Signal {
  readonly step: number;
  readonly layers: readonly LayerFacts[];
  /** S_k of each of these layers. */
  readonly reaching: readonly number[];
  /** ‖x_{t-1}‖/‖x_{b-1}‖. */
  readonly upwards: number;
}

/** The largest set of layers of one shape in the same place of their blocks, at least three; the first layer has no activations below it. */
function equalLayers(layers: readonly LayerFacts[]): readonly LayerFacts[] {
  const places = new Map<string, LayerFacts[]>();
  for (const layer of layers) {
    if (layer.index === 0 || layer.kind === 'readout' || layer.kernel.frozen) continue;
    const place = `${layer.name.replace(/\d+/g, '')} ${layer.kernel.shape.join()}`;
    places.set(place, [...(places.get(place) ?? []), layer]);
  }
  // of w and v in residual blocks v, whose gradient does not begin with 0 where the branch does
  const largest = [...places.values()].reduce<LayerFacts[]>((most, now) => (now.length >= most.length ? now : most), []);
  return largest.length >= 3 ? largest : [];
}

export function signals(run: RunResult): Signal[] {
  if (run.spec.network.stochasticDepth) return []; // a block that is left out has no gradient in that step, whatever reaches it
  const layers = equalLayers(layersOf(run.spec));
  const [bottom, top] = [layers[0], layers.at(-1)];
  if (!bottom || !top) return [];
  return together(run, signalMetrics).map(({ step, values: [gradient, activation] }) => {
    const upwards = activation![top.index - 1]! / activation![bottom.index - 1]!;
    // a layer that is silent on every example stops both
    const reaching = layers.map(({ index }) => (upwards === 0 ? 0 : (gradient![index]! / gradient![top.index]!) * upwards));
    return { step, layers, upwards, reaching };
  });
}
