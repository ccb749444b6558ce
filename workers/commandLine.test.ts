/** @file What commands refuse, and how: the flag or file, what it was, what it may be; output to a reader that is slow, or gone. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { readArguments, readJson, serverAddress, UsageError, wholeNumber } from './commandLine.ts';

const refused = (read: () => unknown, message: RegExp) =>
  assert.throws(read, (error: Error) => error instanceof UsageError && message.test(error.message));

test('flags that are not there, or lack their value, are refused in one line that names the help', () => {
  const read =
    (...args: string[]) =>
    () =>
      readArguments('run', { args, options: { steps: { type: 'string' } } });
  assert.equal(readArguments('run', { args: ['--steps', '3'], options: { steps: { type: 'string' } } }).values.steps, '3');
  refused(read('--step', '3'), /^unknown option '--step'; plateau run --help tells what there is$/);
  refused(read('spec.json'), /^unexpected argument 'spec.json'; plateau run/);
  refused(read('--steps', '-1'), /^option '--steps' argument is ambiguous; plateau run/);
  refused(read('--steps'), /^option '--steps <value>' argument missing; plateau run/);
});

test('whole numbers are digits within their bounds', () => {
  assert.equal(wholeNumber('--port', '0', 0, 65_535), 0);
  assert.equal(wholeNumber('--steps', '20000000', 0), 20_000_000);
  for (const text of ['', ' 3', '3.0', '1e3', '-1', '0x10', 'NaN', '65536'])
    refused(
      () => wholeNumber('--port', text, 0, 65_535),
      new RegExp(`^--port must be an integer from 0 to 65535, got ${JSON.stringify(text)}$`),
    );
  refused(() => wholeNumber('--every', '0', 1), /^--every must be an integer of at least 1, got "0"$/);
});

test('a server is an address that a request can be made of', () => {
  for (const text of ['http://localhost:3000', 'https://plateau.example/below/']) assert.equal(serverAddress(text), text);
  for (const text of ['', 'localhost:3000', 'ftp://host', 'http://', 'http://me:secret@host', 'http://host/?token=1', 'http://host/#top'])
    refused(() => serverAddress(text), /^--server must be an address such as http:\/\/localhost:3000, got "/);
});

test('JSON comes from files alone, with or without a mark in front', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'plateau-command-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'spec.json');
  writeFileSync(file, '\uFEFF{"steps":3}');
  assert.deepEqual(readJson(file, 'the spec'), { steps: 3 });
  writeFileSync(file, '{"steps":');
  refused(() => readJson(file, 'the spec'), /spec\.json is not JSON: /);
  refused(() => readJson(path.join(folder, 'none.json'), 'the spec'), /^the spec cannot be read: ENOENT/);
  for (const other of [folder, '/dev/zero'])
    refused(() => readJson(other, 'the spec'), /^the spec cannot be read: .* is no file; - reads standard input$/);
});

const writer = (lines: number) => `
  import { writeWhole } from ${JSON.stringify(new URL('./commandLine.ts', import.meta.url).href)};
  let written = 0;
  while (written < ${lines} && writeWhole(1, 'x'.repeat(99_999) + '\\n')) written++;
  process.stderr.write(String(written));`;

test('output is whole though its reader is slow, and ends where the reader has gone', async () => {
  const script = (lines: number) => ['--input-type=module', '-e', writer(lines)];
  const all = spawnSync(process.execPath, script(30), { maxBuffer: 1e8 });
  assert.deepEqual([all.stdout.length, all.stderr.toString(), all.status], [3_000_000, '30', 0]);
  const child = spawn(process.execPath, script(1e6), { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.once('data', () => child.stdout.destroy()); // as `| head` does
  const code = await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(code, 0);
});
