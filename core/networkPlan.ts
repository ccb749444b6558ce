/** @file A network of a given size: its parameters, its layers, and how it computes. */
import type { Builder } from './graph/builder.ts';
import type { Node, Shape } from './graph/node.ts';

export type ParameterRole = 'weight' | 'bias' | 'scale' | 'shift';

/** One parameter tensor of a network. */
export interface Parameter {
  /** Unique and readable: `layer3.weight`, `block2.v.weight`, `layer3.normalization.scale`. */
  readonly name: string;
  readonly role: ParameterRole;
  readonly shape: Shape;
  readonly fanIn: number;
  readonly fanOut: number;
  /** Index into `NetworkPlan.layers`. */
  readonly layer: number;
  /** Never updated: random features. */
  readonly frozen?: boolean;
  /** Its columns [in, out] start as different examples of the training set. */
  readonly examples?: boolean;
  /** What every value starts at; by default 1 for scales, 0 for biases and shifts. Weights are drawn. */
  readonly initial?: number;
  /** Of a logit by whose probability training steps take a block: below this number the block is pruned and the logit stays as it is. */
  readonly prunedBelow?: number;
}

/** True for what decides whether a step takes a block, and is no shift of the network's values. */
export const isLogit = ({ prunedBelow }: Parameter): boolean => prunedBelow !== undefined;

/** One weight layer, the unit of every layerwise metric; bottom first. */
export interface Layer {
  readonly name: string;
  readonly kind: 'hidden' | 'readout' | 'input' | 'branch';
  /**
   * What may be rescaled without changing the function, because a normalization follows directly: each column of the kernel
   * (batch normalization), the whole kernel (layer normalization), or nothing. Weight rescaling applies to these only.
   */
  readonly scaleInvariant: 'filter' | 'layer' | false;
}

/** What one forward pass leaves behind. */
export interface Pass {
  readonly outputs: Node; // [B, K]
  /** For each layer its pre-activation and what leaves it, both [B, …, N]; `argument` where the activation function of what leaves it is its own. */
  readonly taps: readonly {
    readonly preActivation: Node;
    readonly activation: Node;
    readonly argument?: Node;
    /** The residual stream behind the layer, where a branch ends with it or the stream begins. */
    readonly stream?: Node;
  }[];
  /** Where the residual stream begins, [B, …, N]. */
  readonly start?: Node;
  /** What training descends on besides the loss, []; as coupled decay, neither recorded nor clipped. */
  readonly penalty?: Node;
}

/** What a forward pass is given. */
export interface PassContext {
  readonly x: Node; // [B, D]
  /** Kernels as they are planned, [in, out]; biases, scales and shifts as rows [1, N]. */
  readonly parameter: (name: string) => Node;
  readonly activation: (x: Node) => Node;
  /** Leaves a random share of the values out and makes up for them, in training steps only. */
  readonly dropout: (x: Node, share: number) => Node;
  /** Independent uniform numbers in [0, 1), new in every training step; elsewhere there are none, and expectations take the place of draws. */
  readonly uniform?: (shape: Shape) => Node;
  /**
   * Batch normalization takes its statistics from this many leading rows of the batch: all of them in training; in evaluation a fixed
   * sample of the training set goes in front of the rows to be judged, so that no running averages have to be kept.
   */
  readonly statisticsRows: number;
}

/** A network of a given size: what it holds, and how it computes. */
export interface NetworkPlan {
  readonly parameters: readonly Parameter[];
  readonly layers: readonly Layer[];
  /** Multiplications of one example on its way forward, where they are more than the weights. */
  readonly multiplications?: number;
  /** Share of its units or blocks that the network itself leaves out in training steps, at the start, whatever the regularizer does. */
  readonly dropout?: number;
  forward(g: Builder, context: PassContext): Pass;
}
