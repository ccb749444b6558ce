/**
 * @file `npm run bench`: every benchmark, with the machine and its load named, into results.json.
 *
 * `npm run bench -- NAME …` (or `--only NAME`) runs those and leaves the results of the others; `--help` lists them.
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

const options = {
  only: { type: 'string', multiple: true, default: [] as string[] },
  python: { type: 'string' },
  chromium: { type: 'string' },
  out: { type: 'string' },
  minutes: { type: 'string', default: '1' },
  layers: { type: 'string', default: '1000' },
  help: { type: 'boolean', short: 'h' },
} as const;

function refuse(words: string): never {
  process.stderr.write(`bench: ${words}\n`);
  process.exit(2);
}
function read() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuse((error as Error).message);
  }
}
const { values, positionals } = read();
const above = (name: 'minutes' | 'layers', least: number): number => {
  const value = Number(values[name]);
  return value >= least && value < 1e6
    ? value
    : refuse(`--${name} must be a number from ${least} to 1000000, got ${JSON.stringify(values[name])}`);
};
const [minutes, layers] = [above('minutes', 0.01), Math.round(above('layers', 1))];

const peer = values.python ? { python: values.python } : {};
const benchmarks: Record<string, () => Promise<unknown>> = {
  trainingStep: () => trainingStep(peer),
  curvature: () => curvature(peer),
  deepGraph: () => deepGraph({ layers }),
  twoProcesses: () => twoProcesses(),
  soak: () => soak({ minutes }),
  stream: () => stream(),
  pageDraw: () => pageDraw(values.chromium ? { executable: values.chromium } : {}),
};
const known = Object.keys(benchmarks);
const help = `usage: npm run bench -- [NAME …] [options]

  NAME             ${known.join(', ')}; all of them without a name
  --only NAME      the same; may be given several times
  --out FILE       where results are written; bench/results.json
  --python PATH    a Python with PyTorch, the peer of trainingStep and curvature
  --chromium PATH  the browser of pageDraw
  --minutes N      how long soak trains; 1
  --layers N       how deep the network of deepGraph is; 1000
`;
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const asked = [...new Set([...positionals, ...values.only])];
const unknown = asked.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) refuse(`unknown benchmark: ${unknown.join(', ')}; known: ${known.join(', ')}`);
const wanted = asked.length > 0 ? asked : known;

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
