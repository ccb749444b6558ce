/** @file What residual networks put around the kernels of a branch: the scale L^-β, a gate, the scalars of Fixup, stochastic depth. */
import type { Fields, Options, Parameter, PassContext } from '../define.ts';
import type { Builder } from '../graph/builder.ts';
import type { Node } from '../graph/node.ts';
import { createSurvival, survivalFields } from './survival.ts';

/** @param beta what the exponent is by default */
export const branchFields = (beta: number) =>
  ({
    beta: {
      type: 'number',
      title: 'Residual scale exponent',
      symbol: '\\beta',
      min: 0,
      max: 4,
      default: beta,
      about: 'α = L^-β: 1/2 is critical for independent weights.',
    },
    gate: {
      type: 'boolean',
      title: 'Gate',
      default: false,
      about: 'A learned number in front of every branch, 0 at the start, so that every block begins as what it keeps.',
    },
    scalars: {
      type: 'boolean',
      title: 'Scalars of Fixup',
      default: false,
      about:
        'A learned factor of every branch, 1 at the start, and a learned number, 0 at the start, added before and after each of its kernels.',
    },
    ...survivalFields,
  }) as const satisfies Fields;

/**
 * The branches of the blocks of these names, each of which ends in its kernel `v`.
 *
 * @throws RangeError where the options ask for two things of one purpose
 */
export function createBranches(network: string, options: Options, blocks: readonly string[]) {
  const { beta, gate, scalars, normalization } = options;
  if (scalars && gate) throw new RangeError(`${network}: scalars bring a factor of every branch; leave out the gate`);
  if (scalars && normalization !== 'none')
    throw new RangeError(`${network}: scalars stand in for a normalization; choose network.normalization none`);
  const survival = createSurvival(options, blocks, blocks.length ** -(beta as number));
  const single = { fanIn: 1, fanOut: 1 };
  return {
    leftOut: survival.leftOut,
    /** Of the kernel of a layer: what is added before it and, where it is not the readout’s, after it. */
    shifts: (name: string, layer: number, places: 1 | 2 = 2): Parameter[] =>
      scalars ? [{ name: `${name}.shifts`, role: 'shift', shape: [places], ...single, layer, initial: 0 }] : [],
    /** Of a branch that ends with the layer. */
    factor: (block: string, layer: number): Parameter[] => [
      ...(gate || scalars ? [{ name: `${block}.gate`, role: 'scale', shape: [1], ...single, layer, initial: gate ? 0 : 1 } as const] : []),
      ...survival.logit(block, layer),
    ],
    pass(g: Builder, context: PassContext) {
      const { parameter } = context;
      const { weighed, penalty } = survival.pass(g, context);
      const shifted = (x: Node, name: string, place: 0 | 1) =>
        scalars ? g.add(x, g.slice(parameter(`${name}.shifts`), -1, place, place + 1)) : x;
      return {
        penalty,
        before: (x: Node, name: string) => shifted(x, name, 0),
        after: (x: Node, name: string) => shifted(x, name, 1),
        /** The stream behind a block: what it keeps and what the last kernel of its branch put out. */
        join(kept: Node, output: Node, block: string): Node {
          const branch = gate || scalars ? g.mul(output, parameter(`${block}.gate`)) : output;
          return g.add(kept, weighed(shifted(branch, `${block}.v`, 1), block));
        },
      };
    },
  };
}
