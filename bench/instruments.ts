/**
 * @file What one measurement of each host instrument costs, in milliseconds and in training steps without metrics.
 *
 * The networks of `trainingStep` that are 64 wide; float32, the default probe batch. `node bench/instruments.ts`
 */
import { openOnnx } from '#workers/runtimes/onnx.ts';
import { openSession } from '#workers/session.ts';
import { networks, prepare } from './networks.ts';

export interface InstrumentResult {
  readonly network: string;
  readonly instrument: string;
  readonly metrics: number;
  readonly firstMs: number;
  readonly ms: number;
  /** In units of a training step without metrics. */
  readonly steps: number;
}

async function instruments(repeats = 3): Promise<InstrumentResult[]> {
  const results: InstrumentResult[] = [];
  for (const network of networks.filter((network) => network.kind === 'mlpChain' && network.width === 64)) {
    const run = prepare(network, [], { weights: 1, samples: 1, gram: 1 });
    const runtime = await openOnnx({ threads: 1 });
    const session = await openSession(runtime, run);
    const stepMs = await timed(async () => void (await session.run(0, 50)), 3).then((ms) => ms.at(-1)! / 50);
    for (const { name, metrics, measure } of session.instruments) {
      const [firstMs, ...rest] = await timed(async () => void (await measure(session.weights())), 1 + repeats);
      const ms = Math.min(...rest);
      results.push({
        network: network.kind === 'mlpChain' ? `${network.depth}x${network.width}` : network.kind,
        instrument: name,
        metrics: metrics.length,
        firstMs: firstMs!,
        ms,
        steps: ms / stepMs,
      });
    }
    await runtime.close();
  }
  return results;
}

async function timed(work: () => Promise<void>, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work();
    found.push(performance.now() - start);
  }
  return found;
}

if (import.meta.main)
  console.table(
    (await instruments()).map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? Number(value.toPrecision(3)) : value]),
      ),
    ),
  );
