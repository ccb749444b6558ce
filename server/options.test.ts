/** @file Options of the server: which goes before which, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackHost, refusalOf } from './origin.ts';
import { readOptions } from './options.ts';
import { commandOf } from './schema/run.ts';
import { execFileSync, spawnSync } from 'node:child_process';
import { canonical, parseSpec } from '#core/spec.ts';

test('flags go before the environment, the environment before the default', () => {
  assert.equal(readOptions([], {})!.port, 3000);
  assert.equal(readOptions([], { PORT: '4000' })!.port, 4000);
  assert.equal(readOptions(['--port', '0'], { PORT: '4000' })!.port, 0);
  assert.equal(readOptions(['--no-workers'], {})!.workers, 0);
  assert.equal(readOptions(['--help'], {}), null);
});

test('an address that others reach is refused, since there are no accounts', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'example.org', '127.0.0.1.example.org'])
    assert.throws(() => readOptions(['--host', host], {}), /must be a loopback address/, host);
  for (const host of ['127.0.0.1', 'localhost', '::1', '127.1.2.3']) assert.ok(readOptions(['--host', host], {}), host);
});

test('nonsense is refused with what is allowed', () => {
  assert.throws(() => readOptions(['--port', '99999'], {}), /port must be a whole number from 0 to 65535, got "99999"/);
  assert.throws(() => readOptions(['--prot', '1'], {}), /unknown option '--prot'; see --help/);
  assert.throws(() => readOptions(['--database-url', 'mysql://x'], {}), /must begin with postgresql/);
  const { status, stderr } = spawnSync(process.execPath, ['server/main.ts', '--prot', '1'], { encoding: 'utf8' });
  assert.deepEqual([status, stderr], [2, "plateau: unknown option '--prot'; see --help\n"]);
});

test('only our own pages may write, under a loopback name', () => {
  const refused = (headers: Record<string, string>, write = true) => refusalOf({ headers }, { write });
  const host = 'localhost:3000';
  assert.equal(refused({ host, origin: 'http://localhost:3000' }), null);
  assert.equal(refused({ host }), null);
  assert.match(refused({ host, origin: 'http://evil.example' })!, /origin must be this server's own/);
  assert.match(refused({ host, origin: 'null' })!, /origin/);
  assert.match(refused({ host, origin: 'http://localhost:3001' })!, /origin/);
  assert.match(refused({ host, 'sec-fetch-site': 'cross-site' })!, /same-origin/);
  assert.match(refused({ host: 'rebound.example:3000', origin: 'http://rebound.example:3000' })!, /loopback/);
  assert.equal(refused({ host, origin: 'http://evil.example' }, false), null);
  assert.ok(isLoopbackHost('[::1]:3000') && isLoopbackHost('127.0.0.1:80') && !isLoopbackHost('10.0.0.1'));
});

test('the command that trains a run again gives the spec to the shell unharmed', () => {
  const spec = { ...parseSpec({ seed: 7 }), note: `it's $HOME \\n "quoted"` };
  const command = commandOf({ spec, facts: { runtime: 'onnx', device: 'cpu', precision: 'float32' } });
  const [print, run] = command.split(' | ');
  assert.equal(execFileSync('sh', ['-c', print!], { encoding: 'utf8' }), canonical(spec));
  assert.equal(run, `npx plateau run - --runtime 'onnx' --device 'cpu' --precision 'float32'`);
});
