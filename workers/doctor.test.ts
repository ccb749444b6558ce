/** @file The doctor and the worker's command line, as a person meets them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { promisify } from 'node:util';
import type { Probe } from './probe.ts';

const run = promisify(execFile);
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

test('doctor --json names this machine, and gives a reason for every runtime that does not load', async () => {
  const { stdout } = await run(process.execPath, [file('./doctor.ts'), '--json', '--port', '0']);
  const found = JSON.parse(stdout) as { node: { version: string }; runtimes: Probe[]; processor: { cores: number }; advice: string[] };
  assert.equal(found.node.version, process.versions.node);
  assert.ok(found.processor.cores >= 1);
  assert.ok(found.runtimes.some(({ name, available }) => name === 'reference' && available));
  for (const name of ['onnx', 'tensorflow'])
    assert.ok(
      found.runtimes.some((probe) => probe.name === name),
      `${name} is not mentioned`,
    );
  for (const { name, available, reason } of found.runtimes) assert.ok(available || reason, `${name} does not load and does not say why`);
});

test('a worker without a server or a token says what is missing', async () => {
  const env = { ...process.env, PLATEAU_SERVER: '', PLATEAU_TOKEN: '' };
  const failure = (...args: string[]): Promise<string> =>
    run(process.execPath, [file('./main.ts'), ...args], { env }).then(
      () => 'it started',
      (error: { stderr: string }) => error.stderr,
    );
  assert.match(await failure(), /--server must be a URL .* got ""/);
  assert.match(await failure('--server', 'http://127.0.0.1:1'), /--token is missing/);
});
