/** @file In wide networks too: blocks on the diagonal of the Hessian vanish twice as fast as those beside it. */
import { rng } from '../../rng.ts';
import { median } from '../../statistics.ts';
import { bootstrap, drawnSoFar, slope, type Budget, type Finding, type Progress, type SimulatedClaim } from '../claim.ts';
import { blockNorms, drawNetwork } from '../simulations/hessianBlocks.ts';

const width = 16;
const sizes: Readonly<Record<Budget, { readonly draws: number; readonly depths: readonly number[] }>> = {
  tiny: { draws: 150, depths: [8, 16, 32] },
  quick: { draws: 300, depths: [8, 16, 32, 64] },
  full: { draws: 1_000, depths: [8, 16, 32, 64, 96] },
};

/** @param norms of a network's blocks */
export function* slopesOfBlocks(budget: Budget, seed: number, norms = blockNorms): Generator<Progress, Finding> {
  const { draws, depths } = sizes[budget];
  const diagonal: number[][] = [];
  const beside: number[][] = [];
  const curve = (title: string, groups: readonly (readonly number[])[]) => ({
    figure: 'Blocks of the Hessian over depth',
    title,
    x: 'depth',
    y: 'median log of the norm',
    points: groups.map((values, i) => ({
      x: depths[i]!,
      y: median(values),
      interval: bootstrap([values], ([drawn]) => median(drawn!), seed).interval,
      predicted: null,
    })),
  });
  const curves = () => [curve('on the diagonal', diagonal), curve('beside it', beside)];
  for (const depth of depths) {
    const random = rng(seed, 'init', depth);
    const [own, other]: [number[], number[]] = [[], []];
    for (let i = 0; i < draws; i++) {
      const found = norms(drawNetwork(random, width, depth, true));
      if (!found) continue;
      own.push(Math.log(median(found.diagonal)));
      other.push(Math.log(median(found.beside)));
      yield (diagonal.length + i / draws) / depths.length;
    }
    diagonal.push(own);
    beside.push(other);
    yield drawnSoFar(diagonal.length / depths.length, curves());
  }
  const ratio = (groups: readonly (readonly number[])[]) =>
    slope(depths, groups.slice(0, depths.length).map(median)) / slope(depths, groups.slice(depths.length).map(median));
  return {
    estimates: [{ name: 'ratio of the slopes', ...bootstrap([...diagonal, ...beside], ratio, seed), predicted: 2, window: [1.6, 2.5] }],
    curves: curves(),
  };
}

export const blocksVanish: SimulatedClaim = {
  name: 'blocksVanish',
  title: 'Blocks on the diagonal of the Hessian vanish twice as fast as those beside it',
  statement:
    'In a narrow deep ReLU network a layer’s own block of the Hessian is a product of two gradients, while a block of two layers keeps a term with the residual in place of one of them: the median of the first falls twice as fast, in the logarithm, with the depth.',
  formula:
    'H_{k\\ell} = g_k g_\\ell^\\top + r\\,T_{k\\ell},\\qquad T_{kk} = 0,\\qquad \\|T_{k\\ell}\\|_F = \\|b_\\ell\\|\\,\\|A_{\\ell k}\\|_F\\,\\|x^{k-1}\\|',
  provenance: 'derived',
  assumptions: [
    'ReLU, He, Gaussian weights, no biases, width 16',
    'one output, squared error at one input, target 1',
    'networks that died are left out',
  ],
  recipe:
    'Depths 8, 16, 32, 64 (full: 96 too), 300 networks each (full: 1,000), every block exactly; the slopes of the median over networks of the log of the median block. Their ratio must lie between 1.6 and 2.5.',
  discrepancy:
    'The norm of the whole Hessian need not fall at moderate depth: there are about L² blocks, and they are heavy-tailed, so the largest of them carry it. What vanishes is the median block.',
  example: {
    network: { kind: 'mlpChain', depth: 16, width: 16, bias: false },
    dataset: { kind: 'teacherStudent', inputs: 16 },
    loss: 'meanSquaredError',
    curvature: { offDiagonal: true },
  },
  measure: (budget, seed) => slopesOfBlocks(budget, seed),
};
