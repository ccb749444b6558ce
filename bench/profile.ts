/**
 * @file Where the time of a training step with every step metric goes: milliseconds a step by ONNX operator, and by the shape it works on.
 *
 * `node bench/profile.ts [NETWORK] [--bare] [--shapes]`: a network of `networks.ts` by name, all of them without one.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openOnnx } from '#workers/runtimes/onnx.ts';
import { openSession } from '#workers/session.ts';
import { networks, prepare, titleOf, type Network } from './networks.ts';

/** What ONNX Runtime writes about one call of one operator; times are in microseconds. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly output_type_shape?: readonly Record<string, readonly number[]>[] };
}
export interface Share {
  readonly operator: string;
  readonly ms: number;
  readonly share: number;
  readonly calls: number;
}

/** @param shapes apart by what an operator gives, not only by its name */
async function profile(network: Network, { metrics = 'all' as 'all' | string[], shapes = false, steps = 20 } = {}): Promise<Share[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plateau-profile-'));
  try {
    const runtime = await openOnnx({ threads: 1, profile: path.join(folder, 'session') });
    const session = await openSession(runtime, prepare(network, metrics));
    for (let first = 0; first < steps; first += 5) await session.run(first, 5);
    await runtime.close();
    const events = readdirSync(folder)
      .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as ProfileEvent[])
      .reduce((longest, file) => (file.length > longest.length ? file : longest));
    const totals = new Map<string, { us: number; calls: number }>();
    for (const { cat, name, dur, args } of events) {
      if (cat !== 'Node' || !name.endsWith('_kernel_time') || args?.op_name === undefined || ['Loop', 'Scan', 'If'].includes(args.op_name))
        continue;
      const shape = Object.values(args?.output_type_shape?.[0] ?? {})[0] ?? [];
      const key = shapes ? `${args?.op_name} [${shape}]` : `${args?.op_name}`;
      const known = totals.get(key) ?? { us: 0, calls: 0 };
      totals.set(key, { us: known.us + dur, calls: known.calls + 1 });
    }
    const all = [...totals.values()].reduce((sum, { us }) => sum + us, 0);
    return [...totals]
      .map(([operator, { us, calls }]) => ({ operator, ms: us / 1000 / steps, share: us / all, calls: calls / steps }))
      .sort((a, b) => b.ms - a.ms);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      bare: { type: 'boolean', default: false },
      shapes: { type: 'boolean', default: false },
      rows: { type: 'string', default: '16' },
    },
  });
  for (const network of networks) {
    if (positionals.length > 0 && !positionals.includes(titleOf(network))) continue;
    const shares = await profile(network, { metrics: values.bare ? [] : 'all', shapes: values.shapes });
    console.log(titleOf(network), `${shares.reduce((sum, { ms }) => sum + ms, 0).toFixed(2)} ms`);
    console.table(
      shares
        .slice(0, Number(values.rows))
        .map(({ operator, ms, share, calls }) => ({ operator, ms: Number(ms.toFixed(3)), share: Number(share.toFixed(3)), calls })),
    );
  }
}
