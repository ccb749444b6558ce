/**
 * @file How long a graph of a thousand layers takes until its first step is done: derivatives and metrics built, compiled, run once.
 *
 * `node bench/deepGraph.ts [LAYERS]`
 */
import { openOnnx } from '#workers/runtimes/onnx.ts';
import { openSession } from '#workers/session.ts';
import { median } from './alternate.ts';
import { prepare } from './networks.ts';
import { rounded } from './rounded.ts';

/** Seconds; `Cpu` counts what this process used, which other work on the machine does not lengthen. */
export async function deepGraph({ layers = 1_000, repeats = 3 } = {}) {
  const rows: Record<'built' | 'compiled' | 'first', { wall: number; cpu: number }>[] = [];
  for (let i = 0; i < repeats; i++) {
    const seconds = clock();
    const run = prepare({ kind: 'mlpChain', depth: layers, width: 40, batch: 50 }, 'all');
    const built = seconds();
    const runtime = await openOnnx({ threads: 1 });
    const session = await openSession(runtime, run);
    const compiled = seconds();
    await session.run(0, 1);
    const first = seconds();
    await runtime.close();
    rows.push({ built, compiled, first });
  }
  const of = (pick: (row: (typeof rows)[number]) => number) => median(rows.map(pick));
  return {
    layers,
    builtCpu: of(({ built }) => built.cpu),
    compiledCpu: of(({ compiled }) => compiled.cpu),
    firstStepCpu: of(({ first }) => first.cpu),
    compiledSeconds: of(({ compiled }) => compiled.wall),
  };
}

function clock(): () => { wall: number; cpu: number } {
  const [start, before] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
  };
}

if (import.meta.main) console.log(rounded(await deepGraph({ layers: Number(process.argv[2] ?? 1_000) })));
