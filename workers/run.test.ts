/** @file A run in the terminal: its lines, its thinning, its exit codes. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { runCommand } from './run.ts';
import { openReference } from './runtimes/reference.ts';
import { dataOf, tinySpec } from './train.fixture.ts';
import { train } from './train.ts';
import type { SpecTraining } from './trainSpec.ts';

const table = [
  { runtime: 'onnx', version: '1', device: 'cpu', stepMs: 0.5 },
  { runtime: 'onnx', version: '1', device: 'cuda', stepMs: null, reason: 'no such library' },
];
const onReference = async () => (run: SpecTraining) =>
  train({
    ...run,
    data: dataOf(run.spec),
    choose: async () => ({ runtime: openReference(), table }),
    resume: run.resume?.bytes ?? null,
  });

type Line = {
  type: string;
  metric?: string;
  step?: number;
  values?: unknown[];
  status?: string;
  reason?: string;
  hash?: string;
  spec?: { steps: number };
};

/** Runs the command on a spec in a file; what came out, and what was said on standard error. */
async function run(context: TestContext, spec: unknown, ...flags: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-run-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const errors: string[] = [];
  context.mock.method(console, 'error', (text: string) => void errors.push(text));
  const file = join(folder, 'spec.json');
  writeFileSync(file, typeof spec === 'string' ? spec : JSON.stringify(spec));
  const out = join(folder, 'out.jsonl');
  const code = await runCommand([file, '--out', out, ...flags], onReference);
  let lines: Line[] = [];
  try {
    lines = readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  } catch {
    // refused before the first line
  }
  return { code, lines, errors: errors.join('\n'), folder };
}

test('header first, rows thinned, end last; exit 0; what the runtimes took is said beside it', async (t) => {
  const { code, lines, errors } = await run(t, tinySpec(), '--every', '4', '--steps', '9', '--seed', '3');
  assert.equal(code, 0);
  assert.equal(lines[0]!.type, 'run');
  assert.match(lines[0]!.hash!, /^[0-9a-f]{64}$/);
  assert.equal(lines[0]!.spec!.steps, 9);
  assert.ok(lines.some(({ type }) => type === 'facts'));
  const steps = (metric: string) => lines.filter((line) => line.metric === metric).map(({ step }) => step);
  assert.deepEqual(steps('loss'), [0, 4, 8]);
  assert.deepEqual(steps('heldOutLoss'), [0, 5, 9]);
  assert.deepEqual({ type: lines.at(-1)!.type, status: lines.at(-1)!.status }, { type: 'end', status: 'finished' });
  assert.match(errors, /^onnx 1 +cpu +0\.500 ms a step\nonnx 1 +cuda +no such library$/);
});

test('quiet leaves the first and the last line', async (t) => {
  const { lines, errors } = await run(t, tinySpec(), '--quiet');
  assert.equal(errors, '');
  assert.deepEqual(
    lines.map(({ type }) => type),
    ['run', 'end'],
  );
});

test('a divergence exits with 3, and values that are not finite are texts', async (t) => {
  const { code, lines } = await run(
    t,
    tinySpec({ activation: 'linear', loss: 'meanSquaredError', optimizer: { kind: 'sgd', learningRate: 1e30 }, steps: 500 }),
  );
  assert.equal(code, 3);
  assert.match(String(lines.filter(({ metric }) => metric === 'loss').at(-1)!.values![0]), /^(NaN|Infinity|-Infinity)$/);
});

test('faults of the spec and of the command exit with 2 and say what, got and allowed', async (t) => {
  const cases: [unknown, string[], RegExp][] = [
    [{ optimizer: { kind: 'sgd', learningRate: -1 } }, [], /optimizer\.learningRate: must be .* got -1/],
    [{ network: { kind: 'mlpChain', depth: 1e9 } }, [], /network\.depth/],
    [{ widht: 3 }, [], /unknown field widht; allowed: /],
    ['{ not json', [], /is not JSON/],
    ['[]', [], /refused/],
    [{}, ['--steps', 'many'], /--steps must be an integer of at least 0, got "many"/],
    [{}, ['--every', '0'], /--every must be an integer of at least 1, got "0"/],
    [{}, ['--nonsense'], /nonsense/],
    [{}, ['--runtime', 'abacus'], /runtime\.name: must be one of auto, onnx, tensorflow, reference, got "abacus"/],
  ];
  for (const [spec, flags, message] of cases) {
    const { code, errors, lines } = await run(t, spec, ...flags);
    assert.deepEqual([code, lines], [2, []], errors);
    assert.match(errors, message);
    t.mock.restoreAll();
  }
  t.mock.method(console, 'error', () => {});
  assert.equal(await runCommand([], onReference), 2);
  assert.equal(await runCommand(['/nowhere/spec.json'], onReference), 2);
});

test('a checkpoint file takes a run up again where it was; another spec refuses it with exit 1', async (t) => {
  const { lines, folder } = await run(t, tinySpec(), '--checkpoint', join(tmpdir(), `plateau-checkpoint-${process.pid}`));
  const file = join(tmpdir(), `plateau-checkpoint-${process.pid}`);
  t.after(() => rmSync(file, { force: true }));
  assert.ok(folder);
  const resumed = await run(t, tinySpec(), '--resume', file);
  const rows = (all: Line[]) => all.filter(({ type, step }) => type === 'row' && step! >= 8);
  assert.deepEqual(rows(resumed.lines), rows(lines));
  assert.equal(resumed.lines.find(({ type }) => type === 'row')!.step! >= 8, true);
  const other = await run(t, tinySpec(), '--seed', '77', '--resume', file);
  assert.equal(other.code, 1);
  assert.match(other.errors, /belongs to the spec/);
  assert.equal(other.lines.at(-1)!.status, 'crashed');
});

test('SIGINT stops at the next call and exits with 130', async (t) => {
  const spec = tinySpec({ steps: 100_000 });
  setTimeout(() => process.emit('SIGINT'), 0);
  const { code, lines } = await run(t, spec, '--every', '1000');
  assert.equal(code, 130);
  assert.equal(lines.at(-1)!.status, 'stopped');
});

test('the schema of a spec is printed, and it knows the entries', async (t) => {
  const said: string[] = [];
  t.mock.method(console, 'log', (text: string) => void said.push(text));
  assert.equal(await runCommand(['--schema']), 0);
  assert.match(JSON.stringify(JSON.parse(said.join(''))), /"mlpChain".*"evaluationEvery"/);
});
