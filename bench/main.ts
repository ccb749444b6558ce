/**
 * @file `npm run bench`: every benchmark, with the machine and its load named, into results.json.
 *
 * `--only NAME` runs one and leaves the results of the others; `--python` names a Python with PyTorch, the peer; `--minutes` lengthens the soak.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { curvature } from './curvature.ts';
import { deepGraph } from './deepGraph.ts';
import { pageDraw } from './pageDraw.ts';
import { rounded } from './rounded.ts';
import { soak } from './soak.ts';
import { stream } from './stream.ts';
import { trainingStep } from './trainingStep.ts';
import { twoProcesses } from './twoProcesses.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    chromium: { type: 'string' },
    out: { type: 'string' },
    only: { type: 'string', multiple: true },
    minutes: { type: 'string' },
  },
});
const peer = values.python ? { python: values.python } : {};
const benchmarks: Record<string, () => Promise<unknown>> = {
  trainingStep: () => trainingStep(peer),
  curvature: () => curvature(peer),
  deepGraph: () => deepGraph(),
  twoProcesses: () => twoProcesses(),
  soak: () => soak({ minutes: Number(values.minutes ?? 1) }),
  stream: () => stream(),
  pageDraw: () => pageDraw(values.chromium ? { executable: values.chromium } : {}),
};
const wanted = values.only ?? Object.keys(benchmarks);
const unknown = wanted.filter((name) => !benchmarks[name]);
if (unknown.length > 0) throw new RangeError(`--only takes ${Object.keys(benchmarks).join(', ')}, got ${unknown.join(', ')}`);

/** What the figures were measured on; loads are those of the last minute. */
const machine = () => ({
  cpu: os.cpus()[0]?.model,
  cores: os.cpus().length,
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  platform: `${os.platform()} ${os.arch()}`,
  node: process.versions.node,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  date: new Date().toISOString().slice(0, 10),
  load: os.loadavg()[0],
});

const file = values.out ?? new URL('./results.json', import.meta.url);
const results = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
for (const name of wanted) {
  const before = machine();
  const found = (await benchmarks[name]!()) as object;
  results[name] = { machine: { ...before, loadAfter: os.loadavg()[0] }, ...found };
  console.log(name);
  const { rows, ...rest } = rounded(found) as { rows?: object[] };
  if (rows) console.table(rows);
  console.log(rest);
  writeFileSync(file, `${JSON.stringify(rounded(results), null, 2)}\n`); // one that fails leaves those before it
}
