/** @file `npm test`: every check in order, the same at a desk and in CI; stops at the first that fails. Plain JavaScript, any Node >= 18. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { build, install, node, quietly, root } from './prepare.js';

const stepLimitMs = (process.argv.includes('--long') ? 60 : 20) * 60_000; // a step that hangs is a failure, not a wait
const args = process.argv.slice(2);
const long = args.includes('--long');
const scratch = mkdtempSync(path.join(os.tmpdir(), 'plateau-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const bin = (...parts) => path.join(root, 'node_modules', ...parts);

function run(command, commandArgs, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
    const timer = setTimeout(() => child.kill('SIGKILL'), stepLimitMs);
    const stop = () => child.kill('SIGTERM');
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
      if (code === 0) resolve();
      else reject(new Error(signal ? `ended by ${signal}` : `ended with code ${code}`));
    });
  });
}

/** All test files below the folders, in exactly one group each. */
function testFiles() {
  const found = [];
  const walk = (folder) => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const name = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) walk(name);
      else if (/\.test\.tsx?$/.test(name)) found.push(name);
    }
  };
  for (const folder of ['core', 'workers', 'drizzle', 'server', 'app', 'bench', 'deploy'])
    if (existsSync(path.join(root, folder))) walk(folder);
  return found.sort();
}
const groupOf = (file) => {
  if (/(^|\/)faults?\//.test(file) || /\.fault\.test\.ts$/.test(file)) return 'faults';
  if (file.startsWith('workers/runtimes/')) return 'runtimes';
  if (file.startsWith('workers/papers/')) return 'claims';
  if (file.startsWith('workers/')) return 'workers';
  if (file.startsWith('server/') || file.startsWith('drizzle/')) return 'server';
  return 'unit';
};

function add(counts) {
  for (const key of Object.keys(total)) total[key] += counts[key] ?? 0;
}

async function tests(group) {
  const files = testFiles().filter((file) => groupOf(file) === group);
  if (files.length === 0) return void process.stdout.write('  no test files\n');
  const counts = path.join(scratch, `${group}.json`);
  // faults kill processes and watch clocks: alone, so that they do not disturb each other
  const flags = [`--test-concurrency=${group === 'faults' ? 1 : 2}`, '--test-timeout=300000', '--test-reporter=./deploy/reporter.js'];
  const env = { PLATEAU_COUNTS: counts, ...(long ? { PLATEAU_LONG: '1' } : {}), ...(group === 'runtimes' ? await softwareGraphics() : {}) };
  try {
    await run(node, ['--test', ...flags, ...files], env);
  } finally {
    if (existsSync(counts)) add(JSON.parse(readFileSync(counts, 'utf8')));
    else total.failed++;
  }
}

/** Vulkan in software for the WebGPU tests: SwiftShader lies in Debian's package of Chromium, the loader is a small package of its own. */
async function softwareGraphics() {
  if (process.env.VK_ICD_FILENAMES) return {};
  await browser();
  const device = '/usr/lib/chromium/vk_swiftshader_icd.json';
  if (!existsSync(device)) return {};
  const loader = () => ['x86_64', 'aarch64'].some((machine) => existsSync(`/usr/lib/${machine}-linux-gnu/libvulkan.so.1`));
  if (!loader()) await debian('libvulkan1');
  return loader() ? { VK_ICD_FILENAMES: device, XDG_RUNTIME_DIR: scratch } : {};
}

/** Installs a Debian package where that is possible. */
async function debian(name) {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=600', '-q'];
  await quietly('updating the package lists', 'apt-get', [...wait, 'update'], { env }).catch(() => {});
  await quietly(`installing ${name}`, 'apt-get', [...wait, '-y', 'install', '--no-install-recommends', name], { env });
}

/** A browser for the pages: named, installed, Playwright's own, or Debian's package. */
async function browser() {
  const named = process.env.PLATEAU_CHROMIUM;
  const own = () => {
    try {
      return createRequire(import.meta.url)('playwright-core').chromium.executablePath();
    } catch {
      return null;
    }
  };
  const find = () =>
    [
      named,
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      own(),
    ].find((file) => file && existsSync(file));
  const found = find();
  if (found) return found;
  await debian('chromium');
  const now = find();
  if (!now)
    throw new Error(
      'no Chromium on this machine; install it (Debian: apt-get install chromium; elsewhere: npx playwright install chromium) or name one in PLATEAU_CHROMIUM',
    );
  return now;
}

async function endToEnd() {
  const PLATEAU_CHROMIUM = await browser();
  await build();
  const PLAYWRIGHT_JSON_OUTPUT_NAME = path.join(scratch, 'e2e.json');
  const env = {
    PLATEAU_CHROMIUM,
    PLAYWRIGHT_JSON_OUTPUT_NAME,
    NODE_ENV: 'production',
    CI: process.env.CI ?? '1',
    ...(long ? { PLATEAU_LONG: '1' } : {}),
  };
  try {
    await run(node, [bin('@playwright', 'test', 'cli.js'), 'test', '-c', 'e2e/playwright.config.ts', '--reporter=list,json'], env);
  } finally {
    if (existsSync(PLAYWRIGHT_JSON_OUTPUT_NAME)) {
      const { stats } = JSON.parse(readFileSync(PLAYWRIGHT_JSON_OUTPUT_NAME, 'utf8'));
      add({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped });
    } else total.failed++;
  }
}

async function types() {
  const env = { NEXT_TELEMETRY_DISABLED: '1' };
  await quietly('route types', node, [bin('next', 'dist', 'bin', 'next'), 'typegen'], { env, quiet: true });
  await run(node, [bin('typescript', 'bin', 'tsc'), '--noEmit']);
}

async function fresh() {
  await run(node, ['deploy/generate.ts', '--check']);
  await run(node, ['server/schema/print.ts', '--check']);
  await run(node, ['deploy/migrations.ts']);
}

const steps = [
  ['format', () => run(node, [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level=warn', '.'])],
  ['lint', () => run(node, [bin('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0'])],
  ['types', types],
  ['fresh', fresh],
  ['unit', () => tests('unit')],
  ['runtimes', () => tests('runtimes')],
  ['workers', () => tests('workers')],
  ['claims', () => tests('claims')],
  ['server', () => tests('server')],
  ['faults', () => tests('faults')],
  ['e2e', endToEnd],
];

const help = `usage: npm test [-- options]

  --only STEP    one step: ${steps.map(([name]) => name).join(', ')}; may be given several times
  --long         with the long tests (npm run test:long)
  --help         this text
`;

async function main() {
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(help);
  const only = args.flatMap((arg, i) => (arg === '--only' ? [args[i + 1]] : arg.startsWith('--only=') ? [arg.slice(7)] : []));
  const unknown = only.filter((name) => !steps.some(([step]) => step === name));
  const stray = args.filter((arg, i) => args[i - 1] !== '--only' && !/^--(only(=.*)?|long)$/.test(arg));
  const wrong =
    unknown.length > 0
      ? `unknown step: ${unknown.join(', ')}; known: ${steps.map(([name]) => name).join(', ')}`
      : stray.length > 0 && `unknown option: ${stray.join(' ')}; --help lists them`;
  if (wrong) {
    process.stderr.write(`${wrong}\n`);
    process.exitCode = 2;
    return;
  }
  const began = Date.now();
  await install();
  for (const [name, check] of steps) {
    if (only.length > 0 && !only.includes(name)) continue;
    const stepBegan = Date.now();
    process.stdout.write(`\n== ${name}\n`);
    try {
      await check();
    } catch (error) {
      process.exitCode = 1;
      total.failed ||= 1;
      process.stdout.write(`${error.message}\n== ${name} failed after ${((Date.now() - stepBegan) / 1000).toFixed(1)} s\n`);
      break;
    }
    process.stdout.write(`== ${name} passed in ${((Date.now() - stepBegan) / 1000).toFixed(1)} s\n`);
  }
  const skipped = total.skipped ? `, ${total.skipped} skipped` : '';
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped} in ${((Date.now() - began) / 1000).toFixed(0)} s\n`);
}

main()
  .catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  })
  .finally(() => rmSync(scratch, { recursive: true, force: true }));
