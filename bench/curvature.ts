/**
 * @file What curvature costs: a Hessian-vector product in gradients, a Lanczos run, all layer blocks, both ends in a training run; PyTorch in turns.
 *
 * `node bench/curvature.ts [NETWORK …] [--python python3]`
 */
import { parseArgs } from 'node:util';
import { hessianMatrix } from '#core/programs/matrices.ts';
import { blockProduct, blockProducts, openBlocks } from '#workers/curvatureBlocks.ts';
import { openEnds, productsFor } from '#workers/curvatureEnds.ts';
import { openLanczos, type LanczosSolver } from '#workers/curvatureLanczos.ts';
import { spansOfLayers, type CurvaturePart } from '#workers/curvaturePart.ts';
import { dimension } from '#core/programs/lanczos.ts';
import { openOnnx } from '#workers/runtimes/onnx.ts';
import { openSession, type Session } from '#workers/session.ts';
import { alternate, median, ratio, repeatedly, type Contestant } from './alternate.ts';
import { gradients, ground, products } from './contestants.ts';
import { networks, prepare, titleOf, type Network } from './networks.ts';
import { openPeer, type Peer, type Work } from './peer.ts';
import { rounded } from './rounded.ts';

/** Published factors of a training run with all of Cockpit's instruments, beside one without (Schneider, Dangel, Hennig 2021). */
const cockpit = 'Cockpit, full set every 64 steps: 3.2 to 5.1 bare runs';
const every = 64;
const lanczosSteps = 20;

/** One call after another. */
const calls = (work: () => Promise<unknown>): Contestant => repeatedly(async () => void (await work()), { most: 1 });

export interface CurvatureResult {
  readonly network: string;
  /** A product in gradients of ours, and the same with PyTorch. */
  readonly hvpGradients: number;
  readonly peerHvpGradients: number | null;
  readonly hvpRatio: number | null;
  /** 20 steps with reorthogonalization. */
  readonly lanczosMs: number;
  readonly lanczosRatio: number | null;
  /** One product with every layer's block, and in units of PyTorch's. */
  readonly blocksMs: number;
  readonly blocksRatio: number | null;
  /** A Lanczos run of eight such products, and in units of our own, layer after layer. */
  readonly blocksLanczosMs: number;
  readonly blocksOneByOneRatio: number;
  /** A run with both ends of the spectrum every 64 steps on the training batch, in bare runs. */
  readonly endsRun: number;
  /** Largest and median relative error of both ends, each measured warm, 64 steps of training apart. */
  readonly endsProducts: number;
  readonly topError: number;
  readonly topErrorMedian: number;
  readonly bottomError: number;
  readonly bottomErrorMedian: number;
}

async function measured(network: Network, peer: Peer | null, turns: number): Promise<CurvatureResult> {
  const runtime = await openOnnx({ threads: 1 });
  const run = prepare(network, []);
  const grounded = await ground(runtime, run, network.batch);
  const { parameters, ...on } = grounded;
  const theirs = (what: Work): Record<string, Contestant> =>
    peer ? { [`${what}Peer`]: (seconds) => peer.time(what, network, seconds) } : {};
  const size = dimension(on.objective);
  const lanczos = await openLanczos(on, lanczosSteps);
  const block = await openLanczos(on, blockProducts);
  const blocks = await openBlocks(on, hessianMatrix, 2);
  const layers = spansOfLayers(on.objective);
  const random = { seed: 1, purpose: 'probe', indices: [] } as const;
  const quick = await alternate<string>(
    {
      gradient: await gradients(runtime, run),
      product: await products(grounded),
      ...theirs('gradient'),
      ...theirs('product'),
    },
    { turns },
  );
  const slow = await alternate<string>(
    {
      lanczos: calls(() => lanczos.solve(parameters, [{ spans: [[0, size]], random }])),
      ...theirs('lanczos'),
      blocks: await products(grounded, { of: blockProduct(on.objective, hessianMatrix)!.product, count: blockProducts }),
      blocksLanczos: calls(() => blocks.measure(0, parameters)),
      block: calls(() => block.solve(parameters, [{ spans: layers[1]!, random }])),
      ...theirs('blocks'),
    },
    { turns, seconds: 0.1 },
  );
  const found = {
    network: titleOf(network),
    hvpGradients: ratio(quick.product!, quick.gradient!),
    peerHvpGradients: quick.gradientPeer ? ratio(quick.productPeer!, quick.gradientPeer) : null,
    hvpRatio: quick.productPeer ? ratio(quick.product!, quick.productPeer) : null,
    lanczosMs: slow.lanczos!.ms,
    lanczosRatio: slow.lanczosPeer ? ratio(slow.lanczos!, slow.lanczosPeer) : null,
    blocksMs: slow.blocks!.ms,
    blocksRatio: slow.blocksPeer ? ratio(slow.blocks!, slow.blocksPeer) : null,
    blocksLanczosMs: slow.blocksLanczos!.ms,
    blocksOneByOneRatio: ratio(slow.blocksLanczos!, slow.block!) / layers.length,
    ...(await ends(network, turns)),
  };
  await runtime.close();
  return found;
}

/** Training with both ends every 64 steps beside training alone, and how far the ends are from those of a long run in the first 512 steps. */
async function ends(network: Network, turns: number) {
  const runtime = await openOnnx({ threads: 1 });
  const training = { optimizer: { kind: 'sgd', learningRate: 0.01 } };
  const run = prepare(network, [], {}, training);
  const { parameters: _, ...on } = await ground(runtime, run, network.batch);
  const watching = () => openEnds(on, hessianMatrix, { topK: 1, stream: 0 });
  const errors = await endErrors(await openSession(runtime, run), await watching(), await openLanczos(on, 80), dimension(on.objective));
  const [bare, watched] = [await openSession(runtime, run), await openSession(runtime, run)];
  const instrument = await watching();
  const at = { bare: 0, watched: 0 };
  const steps = async (session: Session, who: keyof typeof at) => {
    await session.run(at[who], every);
    at[who] += every;
  };
  const outcome = await alternate<string>(
    {
      bare: calls(() => steps(bare, 'bare')),
      watched: calls(async () => {
        await steps(watched, 'watched');
        await instrument.measure(at.watched, watched.weights());
      }),
    },
    { turns: Math.max(turns, 5) },
  );
  await runtime.close();
  return { endsRun: ratio(outcome.watched!, outcome.bare!), endsProducts: productsFor(1), ...errors };
}

async function endErrors(session: Session, instrument: CurvaturePart, long: LanczosSolver, size: number) {
  const errors: { top: number[]; bottom: number[] } = { top: [], bottom: [] };
  for (let measurement = 0; measurement < 8; measurement++) {
    await session.run(measurement * every, every);
    const rows = await instrument.measure((measurement + 1) * every, session.weights());
    const value = (metric: string) => rows.find((row) => row.metric === metric)!.values[0]!;
    const start = { spans: [[0, size]], random: { seed: 2, purpose: 'probe', indices: [] }, keep: 0 } as const;
    const [{ spectrum }] = await long.solve(session.weights(), [start]);
    const [top, bottom] = [spectrum.values[0]!.value, spectrum.values.at(-1)!.value];
    errors.top.push(Math.abs(value('hessianTop') / top - 1));
    errors.bottom.push(Math.abs(value('hessianBottom') / bottom - 1));
  }
  return {
    topError: Math.max(...errors.top),
    topErrorMedian: median(errors.top),
    bottomError: Math.max(...errors.bottom),
    bottomErrorMedian: median(errors.bottom),
  };
}

export async function curvature({ python = 'python3', turns = 5, only = [] as readonly string[] } = {}) {
  const peer = await openPeer(python, 1);
  const rows: CurvatureResult[] = [];
  for (const network of networks.filter((one) => only.length === 0 || only.includes(titleOf(one))))
    rows.push(await measured(network, peer, turns));
  peer?.close();
  return { threads: 1, peer: peer && peer.name, published: cockpit, rows };
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { python: { type: 'string' }, turns: { type: 'string' } } });
  const { rows, peer } = await curvature({
    turns: Number(values.turns ?? 5),
    only: positionals,
    ...(values.python ? { python: values.python } : {}),
  });
  console.log(peer ?? 'no peer', cockpit);
  console.table(rounded(rows));
}
