/**
 * @file A training step with every step metric, and an exact Hessian-vector product, beside bare PyTorch eager: same networks, same threads, in turns.
 *
 * `node bench/trainingStep.ts [NETWORK …] [--threads 1] [--turns 7] [--python python3]`
 */
import { parseArgs } from 'node:util';
import { sizeOf } from '#core/graph/node.ts';
import { openOnnx } from '#workers/runtimes/onnx.ts';
import { alternate, ratio, type Contestant } from './alternate.ts';
import { ground, products, squareProducts, steps } from './contestants.ts';
import { networks, prepare, titleOf } from './networks.ts';
import { openPeer } from './peer.ts';
import { rounded } from './rounded.ts';

const peakSize = 768;

export interface StepResult {
  readonly network: string;
  readonly batch: number;
  readonly parameters: number;
  /** With every step metric, without any, and the bare one of the peer. */
  readonly stepMs: number;
  readonly bareStepMs: number;
  readonly peerStepMs: number | null;
  /** What the metrics cost, in bare steps: recorded in every step, and in every eighth. */
  readonly metrics: number;
  readonly metricsEvery8: number;
  readonly hvpMs: number;
  readonly peerHvpMs: number | null;
  /** The step with all metrics, and the product, in units of the peer's bare ones. */
  readonly stepRatio: number | null;
  readonly hvpRatio: number | null;
  /** Of the multiply-adds a second of a large matrix product in the same turns: what the step's own products reach. */
  readonly peakShare: number;
}

export async function trainingStep({ threads = 1, turns = 7, python = 'python3', only = [] as readonly string[] } = {}): Promise<{
  threads: number;
  peer: string | null;
  rows: StepResult[];
}> {
  const peer = await openPeer(python, threads);
  const rows: StepResult[] = [];
  for (const network of networks.filter((one) => only.length === 0 || only.includes(titleOf(one)))) {
    const runtime = await openOnnx({ threads });
    const run = prepare(network, 'all');
    const theirs = (what: 'step' | 'product'): Record<string, Contestant> =>
      peer ? { [`${what}Peer`]: (seconds) => peer.time(what, network, seconds) } : {};
    const found = await alternate(
      {
        step: await steps(runtime, run),
        eighth: await steps(runtime, prepare(network, 'all', { every: 8 })),
        bare: await steps(runtime, prepare(network, [])),
        ...theirs('step'),
        peak: await squareProducts(runtime, peakSize),
        product: await products(await ground(runtime, run, network.batch)),
        ...theirs('product'),
      },
      { turns },
    );
    const { step, eighth, bare, stepPeer, peak, product, productPeer } = found as Record<string, (typeof found)['step']>;
    await runtime.close();
    const parameters = run.plan.network.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    // forward, and back to inputs and to weights: three products of one size
    const multiplications = 3 * network.batch * (run.plan.network.multiplications ?? parameters);
    rows.push({
      network: titleOf(network),
      batch: network.batch,
      parameters,
      stepMs: step!.ms,
      bareStepMs: bare!.ms,
      peerStepMs: stepPeer?.ms ?? null,
      metrics: ratio(step!, bare!) - 1,
      metricsEvery8: ratio(eighth!, bare!) - 1,
      hvpMs: product!.ms,
      peerHvpMs: productPeer?.ms ?? null,
      stepRatio: stepPeer ? ratio(step!, stepPeer) : null,
      hvpRatio: productPeer ? ratio(product!, productPeer) : null,
      peakShare: (multiplications / peakSize ** 3) * ratio(peak!, step!),
    });
  }
  peer?.close();
  return { threads, peer: peer && peer.name, rows };
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { threads: { type: 'string' }, turns: { type: 'string' }, python: { type: 'string' } },
  });
  const { rows, peer } = await trainingStep({
    threads: Number(values.threads ?? 1),
    turns: Number(values.turns ?? 7),
    only: positionals,
    ...(values.python ? { python: values.python } : {}),
  });
  console.log(peer ?? 'no peer');
  console.table(rounded(rows));
}
