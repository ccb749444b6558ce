/** @file The doctor and the worker's command line, as a person meets them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

interface Ended {
  readonly code: number;
  readonly stderr: string;
}
const ended = (name: string, args: readonly string[], more: Record<string, string> = {}): Promise<Ended> =>
  run(process.execPath, [file(name), ...args], { env: { ...process.env, PLATEAU_SERVER: '', PLATEAU_TOKEN: '', PORT: '', ...more } }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    (error: Ended) => error,
  );

test('a worker or doctor that is asked wrongly says what is wrong and what is allowed, and exits with 2', async () => {
  const here = ['--server', 'http://127.0.0.1:1'];
  const wrong: [string, readonly string[], RegExp, Record<string, string>?][] = [
    ['./main.ts', [], /--server must be an address such as http:\/\/localhost:3000, got ""/],
    ['./main.ts', ['--server', 'localhost:3000'], /--server must be .* got "localhost:3000"/],
    ['./main.ts', ['--server', 'http://me:secret@host'], /--server must be .* got "http:\/\/me:secret@host"/],
    ['./main.ts', ['--server', 'http://host/?token=1'], /--server must be /],
    ['./main.ts', here, /--token is missing: the server keeps it in worker-token/],
    ['./main.ts', [...here, '--token', 'a b'], /--token must be letters, digits and signs/],
    ['./main.ts', [...here, '--tokens', 'a'], /--tokens/],
    ['./main.ts', [...here, 'train'], /train/],
    ['./doctor.ts', ['--port', 'abc'], /--port must be an integer from 0 to 65535, got "abc"/],
    ['./doctor.ts', [], /--port must be .* got "65536"/, { PORT: '65536' }],
    ['./doctor.ts', ['--fast'], /--fast/],
  ];
  for (const [name, args, words, env] of wrong) {
    const { code, stderr } = await ended(name, args, env);
    assert.equal(code, 2, `${name} ${args.join(' ')}: ${stderr}`);
    assert.match(stderr, words);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('a worker whose token or address the server refuses exits with 2 and names the option', async (t) => {
  let status = 401;
  const server = createServer((_, response) => void response.writeHead(status).end('no'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => (server.closeAllConnections(), server.close()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const data = mkdtempSync(path.join(tmpdir(), 'plateau-doctor-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  for (const [answer, words] of [
    [401, /--token is not one of that server's, the server keeps it in worker-token .* answers POST \/worker\/register with 401 no/],
    [404, /--server must be the address of a Plateau server: .* with 404 no/],
  ] as const) {
    status = answer;
    const { code, stderr } = await ended('./main.ts', ['--server', url, '--token', 'x', '--data', data]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
  }
});
