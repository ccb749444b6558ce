/** @file `plateau inspect` as a process: one JSON object out, faults on standard error, exit codes. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('./inspect.ts', import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), 'plateau-inspect-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const question = {
  layers: [{ type: 'dense', name: 'l', out: 1, bias: false }],
  params: { 'l.kernel': { shape: [2, 1], data: [2, -1] } },
  inputs: [
    [1, 0],
    [0, 1],
  ],
  targets: [[0], [0]],
  loss: 'half_mse',
  ask: ['loss', { hessian: { top: 1, bottom: 1 } }],
};
const inspect = (args: string[], input = '') => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { status, stdout, stderr };
};

test('one JSON object on standard output, from a file and from standard input, and nothing else', () => {
  const file = path.join(folder, 'question.json');
  writeFileSync(file, JSON.stringify(question));
  for (const { status, stdout, stderr } of [
    inspect([file]),
    inspect(['-'], JSON.stringify(question)),
    inspect(['--pretty', '-'], `\uFEFF${JSON.stringify(question)}`),
  ]) {
    assert.deepEqual([status, stderr], [0, '']);
    const answer = JSON.parse(stdout);
    assert.deepEqual([answer.loss, answer.hessian.top, answer.hessian.bottom], [1.25, [0.5], [0.5]]);
    assert.deepEqual([answer.precision, answer.runtime, answer.device], ['float64', 'onnx', 'cpu']);
    assert.ok(answer.timings.totalMs > 0);
  }
});

test('options go over the question: runtime, precision, weights from a file beside it', () => {
  const { stdout } = inspect(['--runtime', 'reference', '--precision', 'float32', '-'], JSON.stringify(question));
  const answer = JSON.parse(stdout);
  assert.deepEqual([answer.runtime, answer.precision], ['reference', 'float32']);
  const header = Buffer.from(JSON.stringify({ 'l.kernel': { dtype: 'F64', shape: [2, 1], data_offsets: [0, 16] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = path.join(folder, 'w.safetensors');
  writeFileSync(file, Buffer.concat([length, header, Buffer.from(Float64Array.of(4, -2).buffer)]));
  assert.equal(JSON.parse(inspect(['--params', file, '-'], JSON.stringify(question)).stdout).loss, 5);
  writeFileSync(path.join(folder, 'beside.json'), JSON.stringify({ ...question, params: { file: 'w.safetensors' } }));
  assert.equal(JSON.parse(inspect([path.join(folder, 'beside.json')]).stdout).loss, 5);
});

test('what is wrong goes to standard error with the field; exit code 2, nothing on standard output', () => {
  const text = JSON.stringify(question);
  const cases: [string[], string, RegExp][] = [
    [['-'], text.slice(0, -5), /standard input is not JSON/],
    [['-'], '', /standard input is not JSON/],
    [['-'], 'null', /question: must be a JSON object, got null/],
    [['-'], text.replace('"dense"', '"lstm"'), /layers\[0\]\.type: must be .* got "lstm"/],
    [['-'], text.replace('[2,-1]', '[2,1e999]'), /params\.l\.kernel\.data\[1\]: must be a finite number, got Infinity/],
    [['-'], text.replace('[2,-1]', '[2,NaN]'), /not JSON/],
    [['-'], `${'['.repeat(50_000)}${']'.repeat(50_000)}`, /question: must be a JSON object|not JSON/],
    [['-'], text.replace('"half_mse"', '"half_mse","__proto__":{"ask":1}'), /__proto__/],
    [['-'], text.replace('"half_mse"', '"half_mse","loss":"softmax_ce"'), /loss: must stand once, got it again/],
    [['-'], text.replace('"params":{', '"params":{"l.kernel":[1],'), /params\.l\.kernel: must stand once, got it again/],
    [['--device', 'tpu', '-'], text, /runtime: must be .* device one of auto, cpu, wasm, webgpu, cuda, got \{"device":"tpu"\}/],
    [[path.join(folder, 'missing.json')], '', /cannot be read: ENOENT/],
    [['--params', path.join(folder, 'missing.npz'), '-'], text, /params\.file: .*ENOENT/],
    [['--precision', 'half', '-'], text, /precision: must be one of float64, float32, got "half"/],
    [['--runtime', 'abacus', '-'], text, /runtime\.name|runtime: must be one of auto, onnx/],
    [['--wobble'], '', /unknown option '--wobble'; plateau inspect --help tells what there is/],
    [[], '', /takes one question, got 0/],
  ];
  for (const [args, input, message] of cases) {
    const { status, stdout, stderr } = inspect(args, input);
    assert.deepEqual([status, stdout], [2, ''], `${args.join(' ')} ${input.slice(0, 60)}: ${stderr}`);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /^\s+at /m);
  }
});

test('the schema and the help are printed; the schema names every question and layer', () => {
  const { status, stdout } = inspect(['--schema']);
  assert.equal(status, 0);
  const schema = JSON.parse(stdout);
  assert.deepEqual(Object.keys(schema.properties).slice(0, 4), ['title', 'layers', 'network', 'spec']);
  for (const word of ['hvp', 'perSample', 'gradNorm', 'global_avg_pool', 'binary_ce_logits', 'param_order', 'diagonal'])
    assert.ok(stdout.includes(word), word);
  const help = inspect(['--help']).stdout;
  assert.match(help, /^plateau inspect <question\.json \| ->/);
  for (const text of [help, stdout]) {
    assert.match(text, /valid (\(no padding\) )?by default/);
    assert.match(text, /swish/);
    assert.match(text, /covarianceTrace\/B for \|g\|/);
    assert.match(text, /net\.2 before net\.10/);
  }
  assert.match(help, /perSample, gram and fisher are derivatives through the statistics/);
});

test('a reader that leaves early does no harm', async () => {
  const size = 400;
  const big = { operator: { diagonal: Array.from({ length: size }, (_, i) => i) }, ask: { spectrum: true, matrix: true } };
  const child = spawn(process.execPath, [command, '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (part: Buffer) => (errors += part.toString()));
  child.stdout.once('data', () => child.stdout.destroy());
  child.stdin.end(JSON.stringify(big));
  const [status] = await new Promise<[number | null]>((resolve) => child.once('close', (code) => resolve([code])));
  assert.deepEqual([status, errors], [0, '']);
});
