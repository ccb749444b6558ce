/**
 * @file Weights in front of a normalization under SGD: the loss does not see their norm, so the gradient is orthogonal to them and shrinks
 * as they grow. Sources: van Laarhoven 2017; Wan et al. 2021; Liu et al. 2022. G is the gradient's norm on the unit sphere: ‖g‖ = G/‖w‖.
 */

export interface Decay {
  readonly learningRate: number;
  /** λ of coupled weight decay. */
  readonly decay: number;
  /** μ of the heavy ball; 0 for plain SGD. */
  readonly momentum: number;
}

/** ‖w‖ where growth by the gradient and shrinking by decay balance: (ηG²/(2λ(1-μ)))^¼. */
export const equilibriumNorm = ({ learningRate, decay, momentum }: Decay, gradientOnSphere: number): number =>
  ((learningRate * gradientOnSphere ** 2) / (2 * decay * (1 - momentum))) ** 0.25;

/** The angle a step then turns the weights by, whatever G: √(2ηλ/(1+μ)). */
export const equilibriumAngle = ({ learningRate, decay, momentum }: Decay): number =>
  Math.sqrt((2 * learningRate * decay) / (1 + momentum));

/** Steps in which ‖w‖⁴ comes closer to its equilibrium by a factor e: (1-μ)/(4ηλ). */
export const equilibriumTime = ({ learningRate, decay, momentum }: Decay): number => (1 - momentum) / (4 * learningRate * decay);

/** What is left, relative to the start, of the part of the weights outside the span of their inputs after t steps of SGD with coupled decay. */
export const offSpanShare = ({ learningRate, decay }: Pick<Decay, 'learningRate' | 'decay'>, steps: number): number =>
  (1 - learningRate * decay) ** steps;

/** The same with momentum, by its linear recursion u ← μu + λw, w ← w - ηu. */
export function offSpanShareWithMomentum({ learningRate, decay, momentum }: Decay, steps: number): number {
  let [w, u] = [1, 0];
  for (let t = 0; t < steps; t++) {
    u = momentum * u + decay * w;
    w -= learningRate * u;
  }
  return w;
}

/** Optimizers whose steps are multiples of the gradient, with or without a memory of it. */
export const descents = ['gradientDescent', 'sgd', 'momentum', 'nesterov'] as const;
export type Descent = (typeof descents)[number];

/** Largest sharpness at which a step is stable on a quadratic: 2/η, with heavy ball 2(1+μ)/η, with Nesterov 2(1+μ)/(η(1+2μ)). */
export function stabilityBound(optimizer: Descent, learningRate: number, momentum = 0): number {
  const factor = optimizer === 'momentum' ? 1 + momentum : optimizer === 'nesterov' ? (1 + momentum) / (1 + 2 * momentum) : 1;
  return (2 * factor) / learningRate;
}
