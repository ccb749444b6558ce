/**
 * @file Stochastic depth: each residual block takes part in a training step by chance, with a probability π that is learned, and everywhere
 * else with the weight π. A block whose π falls below 0.05 is pruned, for good.
 */
import type { Fields, NetworkPlan, Options, Parameter, PassContext } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';

const least = 0.05;
/** The logit of the least probability; a number of float32, so that graphs of every precision and the host draw the line in one place. */
const prunedBelow = Math.fround(Math.log(least / (1 - least)));

export const survivalFields = {
  stochasticDepth: {
    type: 'boolean',
    title: 'Stochastic depth',
    default: false,
    about:
      'Training steps take each block or leave it out as a whole, by a probability that is learned straight through the draw; all else sees the block times it. Below 0.05 a block is pruned.',
  },
  survival: {
    type: 'number',
    title: 'Initial survival probability',
    symbol: '\\pi_0',
    min: 0.051,
    max: 0.9999,
    default: 0.9,
    about: 'With which a training step takes a block at the start. Has no part in a network without stochastic depth.',
  },
  price: {
    type: 'number',
    title: 'Price of a block',
    symbol: '\\lambda',
    min: 0,
    max: 100,
    default: 0,
    about:
      'Training descends on the loss plus λ times the sum of the survival probabilities; the recorded loss is without it. Has no part in a network without stochastic depth.',
  },
} as const satisfies Fields;

/** What to multiply each branch by: 0 or 1 where `uniform` numbers are given, whose derivative is that of the probability; else the probability. */
function shareOf(g: Builder, logit: Node, uniform?: Node): Node {
  const probability = g.sigmoid(logit);
  const taken = uniform
    ? g.add(g.greater(probability, uniform), g.sub(probability, g.stopGradient(probability))) // adds an exact 0
    : probability;
  return g.mul(g.greater(logit, prunedBelow), taken);
}

/**
 * @param blocks names of all blocks
 * @param scale what every branch is multiplied by besides
 */
export function createSurvival(options: Options, blocks: readonly string[], scale: number) {
  const { stochasticDepth, survival, price } = options as Options & { stochasticDepth: boolean; survival: number; price: number };
  const leftOut: Pick<NetworkPlan, 'dropout'> = stochasticDepth ? { dropout: 1 - survival } : {};
  return {
    leftOut,
    /** Of a branch that ends with the layer. */
    logit(block: string, layer: number): Parameter[] {
      if (!stochasticDepth) return [];
      const initial = Math.log(survival / (1 - survival));
      return [{ name: `${block}.logit`, role: 'shift', shape: [1], fanIn: 1, fanOut: 1, layer, initial, prunedBelow }];
    },
    pass(g: Builder, { parameter, uniform }: Pick<PassContext, 'parameter' | 'uniform'>) {
      if (!stochasticDepth) return { weighed: (branch: Node) => g.mul(branch, scale), penalty: {} };
      const logits = blocks.map((block) => g.reshape(parameter(`${block}.logit`), [1]));
      const all = g.concat(logits, 0); // [L]
      const drawn = uniform && g.mul(shareOf(g, all, uniform(all.shape)), scale);
      return {
        weighed(branch: Node, block: string): Node {
          const at = blocks.indexOf(block);
          // without a draw each share stays by itself, so that a layer's block of the Hessian meets no other layer's logit
          return g.mul(branch, drawn ? g.slice(drawn, 0, at, at + 1) : g.mul(shareOf(g, logits[at]!), scale));
        },
        penalty: price > 0 ? { penalty: g.mul(g.sum(shareOf(g, all)), price) } : {},
      };
    },
  };
}
