/**
 * @file How many runs an hour one training process finishes, and two side by side: each with one thread, as workers train.
 *
 * `node bench/twoProcesses.ts [--seconds 8] [--turns 3]`
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openOnnx } from '#workers/runtimes/onnx.ts';
import { openSession } from '#workers/session.ts';
import { median } from './alternate.ts';
import { prepare } from './networks.ts';
import { rounded } from './rounded.ts';

const stepsOfRun = 500;

/** Runs of 500 steps with every metric, one after another: how many in so many seconds, the last one in part. */
async function train(seconds: number): Promise<number> {
  let done = 0;
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    const runtime = await openOnnx({ threads: 1 });
    const session = await openSession(runtime, prepare({ kind: 'mlpChain', depth: 10, width: 64, batch: 128 }, 'all'));
    for (let step = 0; step < stepsOfRun && performance.now() < end; step += 50, done += 50 / stepsOfRun) await session.run(step, 50);
    await runtime.close();
  }
  return done;
}

const child = (seconds: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const process = fork(fileURLToPath(import.meta.url), ['--child', '--seconds', String(seconds)]);
    process.once('message', (done) => resolve(done as number));
    process.once('exit', (code) => reject(new Error(`a training process left with ${code}`)));
  });

export async function twoProcesses({ seconds = 8, turns = 3 } = {}) {
  const one: number[] = [];
  const two: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    one.push(await child(seconds));
    two.push((await Promise.all([child(seconds), child(seconds)])).reduce((sum, done) => sum + done, 0));
  }
  const perHour = (runs: readonly number[]) => (3600 / seconds) * median(runs);
  return { stepsOfRun, runsPerHour: { one: perHour(one), two: perHour(two) }, ratio: median(two.map((runs, turn) => runs / one[turn]!)) };
}

const { values } = parseArgs({
  strict: false,
  options: { child: { type: 'boolean' }, seconds: { type: 'string' }, turns: { type: 'string' } },
});
if (values.child) process.send!(await train(Number(values.seconds)), () => process.exit());
else if (import.meta.main)
  console.log(rounded(await twoProcesses({ seconds: Number(values.seconds ?? 8), turns: Number(values.turns ?? 3) })));
