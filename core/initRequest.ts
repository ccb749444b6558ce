/** @file What an initialization is told: about each weight tensor, and about the run as a whole. */
import type { Shape } from './graph/node.ts';
import type { Layer } from './networkPlan.ts';
import type { ScalingRequest } from './scaling.ts';

/** One weight tensor to be drawn. Kernels are stored [fanIn, fanOut]: y = x K. */
export interface InitRequest {
  readonly shape: Shape;
  readonly fanIn: number;
  readonly fanOut: number;
  readonly kind: Layer['kind'];
  /** Of its layer: the first is the input, the last the output. */
  readonly place: ScalingRequest['place'];
  /** Place in a residual branch of several kernels, and how many blocks there are; null outside branches. */
  readonly branch: { readonly index: number; readonly of: number; readonly blocks: number } | null;
  /** The run's activation in plain numbers: φ and φ′ at each of the points. */
  readonly activation: (points: Float64Array) => { readonly value: Float64Array; readonly slope: Float64Array };
}
/** What decides whether an init can serve a run. */
export interface InitRun {
  readonly activation: InitRequest['activation'];
  readonly activationName: string;
  /** The largest number of kernels of one shape and place that repeat over depth. */
  readonly repeats: number;
  /** Every layer but the readout has a bias. */
  readonly biased: boolean;
}
