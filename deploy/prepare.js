/** @file Gets a clone ready: packages installed, pages built, each only when what it is made from has changed. Plain JavaScript, any Node >= 18. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Node 24, out of the npm package `node`; what everything but these scripts runs on. */
export const node = path.join(root, 'node_modules', '.bin', 'node');

const installStamp = path.join(root, 'node_modules', '.plateau-install');
const buildStamp = path.join(root, '.next', 'plateau-build');
/** What the pages are made from. */
const buildSources = [
  'app',
  'core',
  'public',
  'next.config.js',
  'next.config.ts',
  'postcss.config.js',
  'postcss.config.mjs',
  'tsconfig.json',
  'package-lock.json',
  'server/schema.graphql',
];

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

function checkNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 18) throw new Error(`Node 18 or newer is needed to set Plateau up, this is ${process.versions.node}: https://nodejs.org`);
}

/** Runs a command in silence, shows that it still runs, and its last lines if it fails. */
export function quietly(title, command, args, { env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const began = Date.now();
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    const lines = [];
    const keep = (chunk) => {
      lines.push(
        ...String(chunk)
          .split('\n')
          .filter((line) => line.trim() !== ''),
      );
      lines.splice(0, Math.max(0, lines.length - 60));
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const live = process.stderr.isTTY;
    if (!live && !quiet) process.stderr.write(`${title} …\n`);
    const show = () => process.stderr.write(live ? `\r\x1b[K${title} … ${seconds(began)}` : `${title} … ${seconds(began)}\n`);
    const timer = quiet ? null : setInterval(show, live ? 500 : 15_000);
    const passOn = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, passOn);
    const end = () => {
      if (timer) clearInterval(timer);
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, passOn);
      if (live && !quiet) process.stderr.write('\r\x1b[K');
    };
    child.on('error', (error) => {
      end();
      reject(new Error(`${title}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      end();
      if (signal === 'SIGINT' || signal === 'SIGTERM') process.exit(130); // what was half done has no stamp and is done again
      if (code !== 0) return reject(new Error(`${title} failed (${signal ?? `code ${code}`}):\n${lines.join('\n')}`));
      if (!quiet) process.stderr.write(`${title}: done in ${seconds(began)}\n`);
      resolve(lines);
    });
  });
}

/** npm under the Node that started npm: the one in node_modules is about to be replaced. */
function npm(title, args, options) {
  const { npm_execpath: script, npm_node_execpath: runner } = process.env;
  if (script && /\.c?js$/.test(script) && existsSync(script))
    return quietly(title, runner && existsSync(runner) ? runner : process.execPath, [script, ...args], options);
  return quietly(title, 'npm', args, options);
}

/** One setup of a clone at a time: two installs in one folder destroy each other. A lock whose process is gone is taken over. */
async function alone(work) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const lock = path.join(os.tmpdir(), `plateau-setup-${name}.lock`);
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = Number(read(lock));
      if (owner > 0 && lives(owner)) {
        if (!told) process.stderr.write(`process ${owner} is setting this folder up, waiting for it\n`);
        await new Promise((resolve) => setTimeout(resolve, 500));
      } else rmSync(lock, { force: true });
    }
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Packages by the lockfile, when it is not the one that node_modules was made from. */
export async function install({ cuda = false } = {}) {
  checkNode();
  const wanted = createHash('sha256')
    .update(read(path.join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
  const ready = () => read(installStamp) === wanted && existsSync(node);
  const fetchAll = async () => {
    if (ready()) return; // another one has just done it
    rmSync(installStamp, { force: true });
    // onnxruntime-node would fetch 200 MB of CUDA libraries from a host of its own and fail the whole install where that is out of reach
    const env = { ONNXRUNTIME_NODE_INSTALL: 'skip', npm_config_loglevel: 'error' };
    await npm('installing packages (a minute the first time)', ['ci', '--no-audit', '--no-fund'], { env });
    writeFileSync(installStamp, wanted);
  };
  if (!ready()) await alone(fetchAll);
  if (cuda) await installCuda();
}

async function installCuda() {
  const steps = [
    ['TensorFlow for CUDA', 'node_modules/@tensorflow/tfjs-node-gpu', ['scripts/install.js', 'gpu', 'download'], {}],
    ['ONNX Runtime for CUDA 12', 'node_modules/onnxruntime-node', ['script/install.js'], { ONNXRUNTIME_NODE_INSTALL: 'cuda12' }],
  ];
  for (const [what, folder, args, env] of steps) {
    const [script, ...rest] = args;
    await quietly(`fetching ${what}`, node, [path.join(root, folder, script), ...rest], { env }).catch((error) =>
      process.stderr.write(`${error.message}\n${what} is not available; the other runtimes are\n`),
    );
  }
}

function filesUnder(file) {
  if (!existsSync(file)) return [];
  if (!statSync(file).isDirectory()) return [file];
  return readdirSync(file)
    .sort()
    .filter((name) => name !== 'vendor' && !name.includes('.test.'))
    .flatMap((name) => filesUnder(path.join(file, name)));
}

/** Plotly is served as a file of its own: bundling it doubles the time of a build (33 s against 14 s). */
function copyPlotly() {
  const from = path.join(root, 'node_modules', 'plotly.js', 'dist', 'plotly.min.js');
  const to = path.join(root, 'public', 'vendor', 'plotly.min.js');
  if (existsSync(to) && statSync(to).size === statSync(from).size && statSync(to).mtimeMs >= statSync(from).mtimeMs) return;
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** Pages, when their sources are not the ones that the last build saw. */
export async function build({ force = false } = {}) {
  copyPlotly();
  const hash = createHash('sha256').update(process.platform);
  for (const source of buildSources)
    for (const file of filesUnder(path.join(root, source))) hash.update(`${path.relative(root, file)}\0`).update(readFileSync(file));
  const wanted = hash.digest('hex');
  const ready = () => read(buildStamp) === wanted && existsSync(path.join(root, '.next', 'BUILD_ID'));
  const make = async () => {
    if (!force && ready()) return;
    rmSync(buildStamp, { force: true });
    const env = { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
    await quietly('building the pages', node, [path.join(root, 'node_modules', 'next', 'dist', 'bin', 'next'), 'build'], { env });
    writeFileSync(buildStamp, wanted);
  };
  if (force || !ready()) await alone(make);
}

/** Runs until the command ends; signals are passed on, once per press. Resolves to the exit code. */
export function hand(args, { env = {} } = {}) {
  return new Promise((resolve) => {
    // a group of its own: Ctrl-C reaches this process twice (terminal and npm), the child exactly when we say
    const child = spawn(node, args, {
      cwd: process.cwd(),
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      detached: true,
      env: { ...process.env, ...env },
    });
    let last = 0;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => {
        if (Date.now() - last < 1_000) return;
        last = Date.now();
        child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      });
    child.on('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
