/** @file `npm run bench`: every benchmark in one run, with the machine and its load named, into results.json. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { pageDraw } from './pageDraw.ts';
import { stream } from './stream.ts';
import { trainingStep } from './trainingStep.ts';

const { values } = parseArgs({ options: { python: { type: 'string' }, chromium: { type: 'string' }, out: { type: 'string' } } });

/** What the figures were measured on; loads are those of the last minute, before and after. */
const machine = {
  cpu: os.cpus()[0]?.model,
  cores: os.cpus().length,
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  platform: `${os.platform()} ${os.arch()}`,
  node: process.versions.node,
  commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
  date: new Date().toISOString().slice(0, 10),
  loadBefore: os.loadavg()[0],
};

const training = await trainingStep({ ...(values.python ? { python: values.python } : {}) });
console.table(training.rows);
const streaming = await stream();
console.log(streaming);
const drawing = await pageDraw(values.chromium ? { executable: values.chromium } : {});
console.log(drawing);
const results = { machine: { ...machine, loadAfter: os.loadavg()[0] }, trainingStep: training, stream: streaming, pageDraw: drawing };
writeFileSync(values.out ?? new URL('./results.json', import.meta.url), `${JSON.stringify(results, null, 2)}\n`);
