/** @file Before training: above which exponent β the network becomes the identity as it deepens, for weights of every Hurst index H over depth. */
import { rng } from '../../rng.ts';
import { median } from '../../statistics.ts';
import { criticalExponent } from '../../theory/residualScaling.ts';
import { bootstrap, type Curve, type Estimate, type Finding, type SimulatedClaim } from '../claim.ts';
import { forward, paths } from '../simulations/residual.ts';

const steps = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => Number((from + ((to - from) * i) / (count - 1)).toFixed(3)));
const sizes = {
  tiny: { width: 12, depths: [32, 256], hursts: [0.2, 0.5, 0.8], betas: steps(0, 1.1, 12), count: 5 },
  quick: { width: 20, depths: [64, 512], hursts: steps(0.1, 0.9, 5), betas: steps(0, 1.2, 13), count: 8 },
  full: { width: 40, depths: [100, 1000], hursts: steps(0.05, 0.97, 51), betas: steps(0, 1.3, 70), count: 5 },
} as const;
const branches = ['res3', 'res1'] as const;

/** Of one network, per branch and β: log10 of how much farther the input moves at the larger depth. */
type Growths = Readonly<Record<(typeof branches)[number], readonly number[]>>;

function growths({ width, depths, betas }: (typeof sizes)[keyof typeof sizes], hurst: number, seed: number, draw: number): Growths {
  const random = rng(seed, 'init', draw, Math.round(1000 * hurst));
  const start = Float64Array.from({ length: width }, () => random.uniform());
  const [low, high] = depths;
  // fractional noise is stationary: the first blocks of the deep network are a shallow one
  const kernels = { w: paths(width, high, { hurst }, random), v: paths(width, high, { hurst }, random) };
  const of = (branch: (typeof branches)[number]) =>
    betas.map((beta) => {
      const logs = [low, high].map((depth) => {
        const { h } = forward(branch === 'res3' ? kernels : { v: kernels.v }, start, depth ** -beta, depth);
        const square = h.reduce((sum, value, i) => sum + (value - start[i]!) ** 2, 0);
        return Math.log10(square) / 2;
      });
      return logs[1]! - logs[0]!;
    });
  return { res3: of('res3'), res1: of('res1') };
}

/** Where growth, falling in β, passes zero: between the last β at which it is positive and the next. */
export function crossing(betas: readonly number[], growth: readonly number[]): number {
  const last = growth.findLastIndex((value) => value > 0);
  if (last < 0) return betas[0]!;
  if (last === growth.length - 1) return betas.at(-1)!;
  return betas[last]! + ((betas[last + 1]! - betas[last]!) * growth[last]!) / (growth[last]! - growth[last + 1]!);
}

export const hurstPlane: SimulatedClaim = {
  name: 'hurstPlane',
  title: 'The plane of scale and regularity: the critical β is max(½, H), not for every block',
  statement:
    'Weights whose paths over depth have Hurst index H need L^-β with β = max(½, H): below that line networks explode as they deepen, above it they become the identity. For blocks without an inner matrix the line is H from ½ on, and lies under ½ for rougher weights.',
  formula: '\\beta^*(H) = \\max(\\tfrac12, H)\\ \\text{(res-3)},\\qquad \\beta^*(H) = H\\ \\text{for}\\ H \\ge \\tfrac12\\ \\text{(res-1)}',
  provenance: 'derived',
  assumptions: ['ReLU', 'entries of variance 1/d that follow fractional Gaussian noise over the blocks', 'inputs uniform in [0, 1]'],
  recipe:
    'd = 20, L = 64 and 512, five H, β in steps of 0.1, 8 networks (full: d = 40, L = 100 and 1,000, the paper’s 51 × 70 cells and 5 networks). Of every H the β at which the median displacement stops to grow with the depth must be within 0.15 of the line; for res-1 and H below ½ it must be below 0.45, or below H + 0.15 near ½ (our choice).',
  discrepancy:
    'The line max(½, H) is that of res-3 blocks, V φ(W h). The paper’s trained plane is of res-1 blocks, V φ(h), whose line we measure at H above ½ and clearly under ½ below: both are drawn.',
  example: {
    network: { kind: 'resnet', depth: 100, width: 20, beta: 0.8 },
    init: { kind: 'smooth', law: 'fractional', hurst: 0.8 },
    dataset: 'teacherNetwork',
  },
  *measure(budget, seed) {
    const size = sizes[budget];
    const drawn = new Map<number, Growths[]>();
    let done = 0;
    for (const hurst of size.hursts) {
      const networks: Growths[] = [];
      for (let draw = 0; draw < size.count; draw++) {
        networks.push(growths(size, hurst, seed, draw));
        done++;
        if (draw < size.count - 1) yield done / (size.hursts.length * size.count);
      }
      drawn.set(hurst, networks);
      yield { share: done / (size.hursts.length * size.count), finding: found(size.betas, drawn, seed) };
    }
    return found(size.betas, drawn, seed);
  },
};

function found(betas: readonly number[], drawn: ReadonlyMap<number, readonly Growths[]>, seed: number): Finding {
  const medians = (networks: readonly Growths[], branch: (typeof branches)[number]) =>
    betas.map((_, b) => median(networks.map((network) => network[branch][b]!)));
  const lines = branches.map((branch) =>
    [...drawn].map(([hurst, networks]) => ({
      hurst,
      branch,
      predicted: criticalExponent(hurst, branch),
      // a network is drawn again as a whole: its β share their weights
      ...bootstrap(
        [networks.map((_, i) => i)],
        ([all]) =>
          crossing(
            betas,
            medians(
              all!.map((i) => networks[i]!),
              branch,
            ),
          ),
        seed,
      ),
    })),
  );
  const estimates = lines.flat().map(({ hurst, branch, predicted, value, interval }): Estimate => ({
    name: `critical β of ${branch === 'res3' ? 'res-3' : 'res-1'} at H = ${hurst}`,
    value,
    interval,
    predicted: predicted ?? NaN,
    window: predicted === null ? [-Infinity, Math.max(0.45, hurst + 0.15)] : [predicted - 0.15, predicted + 0.15],
  }));
  const line = (points: (typeof lines)[number], title: string): Curve => ({
    figure: 'Critical scale',
    title,
    x: 'H',
    y: 'critical β',
    points: points.map(({ hurst, value, interval, predicted }) => ({ x: hurst, y: value, interval, predicted })),
  });
  const cells = branches.flatMap((branch) =>
    [...drawn].map(([hurst, networks]): Curve => ({
      figure: `Growth with depth, ${branch === 'res3' ? 'res-3' : 'res-1'}`,
      title: `H = ${hurst}`,
      x: 'β',
      y: 'log10 of the growth',
      points: betas.map((x, b) => ({ x, y: medians(networks, branch)[b]!, predicted: null })),
    })),
  );
  return { estimates, curves: [line(lines[0]!, 'res-3'), line(lines[1]!, 'res-1'), ...cells] };
}
