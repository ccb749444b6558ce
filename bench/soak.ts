/**
 * @file Whether memory stays flat: a run with every step metric, its instruments and both ends of the Hessian, for as long as asked.
 *
 * `node bench/soak.ts [--minutes 60]`; the slope is a line through the second half, when caches are full.
 */
import { parseArgs } from 'node:util';
import { openOnnx } from '#workers/runtimes/onnx.ts';
import { openSession } from '#workers/session.ts';
import { prepare } from './networks.ts';
import { rounded } from './rounded.ts';

const stepsBetween = 64;

export async function soak({ minutes = 1 } = {}) {
  const runtime = await openOnnx({ threads: 1 });
  const network = { kind: 'mlpChain', depth: 10, width: 64, batch: 128 } as const;
  const session = await openSession(runtime, prepare(network, 'all', { weights: stepsBetween, samples: stepsBetween }));
  const started = performance.now();
  const samples: { hours: number; mebibytes: number }[] = [];
  let step = 0;
  for (const end = started + 60_000 * minutes; performance.now() < end;) {
    await session.run(step, stepsBetween);
    step += stepsBetween;
    await session.curvature?.measure(step, session.weights());
    for (const { measure } of session.instruments) await measure(session.weights());
    samples.push({ hours: (performance.now() - started) / 3_600_000, mebibytes: process.memoryUsage.rss() / 2 ** 20 });
  }
  await runtime.close();
  const settled = samples.slice(samples.length >> 1);
  return {
    minutes,
    steps: step,
    rssMebibytes: {
      first: samples[0]!.mebibytes,
      last: samples.at(-1)!.mebibytes,
      most: Math.max(...samples.map(({ mebibytes }) => mebibytes)),
    },
    mebibytesPerHour: slopeOf(settled),
  };
}

/** Least squares. */
function slopeOf(samples: readonly { hours: number; mebibytes: number }[]): number {
  const mean = (of: (sample: (typeof samples)[number]) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [time, memory] = [mean(({ hours }) => hours), mean(({ mebibytes }) => mebibytes)];
  return mean(({ hours, mebibytes }) => (hours - time) * (mebibytes - memory)) / mean(({ hours }) => (hours - time) ** 2);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { minutes: { type: 'string' } } });
  console.log(rounded(await soak({ minutes: Number(values.minutes ?? 1) })));
}
