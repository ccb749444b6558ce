/** @file Data from a folder, packed or not, from an address, and everything that is refused on the way. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseSpec } from '#core/spec.ts';
import { loadData } from './datasets.ts';

/** An IDX file of bytes: `sizes` are its axes. */
function idx(sizes: readonly number[], values: readonly number[]): Buffer {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head.writeUInt32BE(0x800 + sizes.length, 0);
  sizes.forEach((size, axis) => head.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([head, Buffer.from(values)]);
}
const pixels = (n: number) => Array.from({ length: 4 * n }, (_, i) => (37 * i) % 256);
const files: Record<string, Buffer> = {
  'train-images-idx3-ubyte': idx([6, 2, 2], pixels(6)),
  'train-labels-idx1-ubyte': idx([6], [0, 1, 2, 0, 1, 2]),
  't10k-images-idx3-ubyte': idx([3, 2, 2], pixels(3)),
  't10k-labels-idx1-ubyte': idx([3], [2, 1, 0]),
};
const folder = mkdtempSync(join(tmpdir(), 'plateau-idx-'));
const write = () => Object.entries(files).forEach(([name, bytes]) => writeFileSync(join(folder, name), bytes));
write();
const spec = (path: string) => parseSpec({ dataset: { kind: 'idx', path }, network: { kind: 'mlpChain', depth: 1, width: 4 } });

const server = createServer((request, response) => {
  const name = request.url!.slice(1);
  if (name === 'moved/train-images-idx3-ubyte') return void response.writeHead(302, { location: '/elsewhere' }).end();
  if (name === 'broken/train-images-idx3-ubyte') return void response.writeHead(500).end();
  const bytes = files[name];
  if (bytes) response.end(bytes);
  else response.writeHead(404).end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

afterEach(() => {
  delete process.env.PLATEAU_PRIVATE_ADDRESSES;
  write();
});
after(() => {
  rmSync(folder, { recursive: true });
  server.close();
});

test('a folder gives both sets and the checksum of every file', async () => {
  const { train, heldOut, checksums } = await loadData(spec(folder));
  assert.deepEqual([train.n, train.inputSize, train.outputSize, heldOut.n], [6, 4, 3, 3]);
  assert.deepEqual([...train.labels!], [0, 1, 2, 0, 1, 2]);
  assert.deepEqual([...heldOut.labels!], [2, 1, 0]);
  for (const [name, bytes] of Object.entries(files)) assert.equal(checksums[name], createHash('sha256').update(bytes).digest('hex'));
});

test('packed files are unpacked; the checksum is that of the file as it lies there', async () => {
  const name = 'train-images-idx3-ubyte';
  const packed = gzipSync(files[name]!);
  rmSync(join(folder, name));
  writeFileSync(join(folder, `${name}.gz`), packed);
  const { train, checksums } = await loadData(spec(folder));
  rmSync(join(folder, `${name}.gz`));
  assert.equal(train.n, 6);
  assert.equal(checksums[`${name}.gz`], createHash('sha256').update(packed).digest('hex'));
});

test('what is missing, cut off or damaged is named', async () => {
  await assert.rejects(loadData(spec('')), /dataset\.path: idx needs a folder or an http\(s\) address, got nothing/);
  await assert.rejects(loadData(spec(join(folder, 'nowhere'))), /nowhere.*train-images-idx3-ubyte: no such file/);
  truncateSync(join(folder, 't10k-images-idx3-ubyte'), 20);
  await assert.rejects(loadData(spec(folder)), /t10k-images-idx3-ubyte.*take 28 bytes, got 20/);
  write();
  rmSync(join(folder, 'train-labels-idx1-ubyte'));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(files['train-labels-idx1-ubyte']!).subarray(0, 12));
  await assert.rejects(loadData(spec(folder)), /unexpected end of file/);
  rmSync(join(folder, 'train-labels-idx1-ubyte.gz'));
});

test('an address gives the same bytes as a folder, once private ones are allowed', async () => {
  await assert.rejects(loadData(spec(address)), /127\.0\.0\.1 is a private address/);
  await assert.rejects(loadData(spec('http://[::1]:9/')), /::1 is a private address/);
  await assert.rejects(loadData(spec('http://[::ffff:10.0.0.1]/')), /is a private address/);
  process.env.PLATEAU_PRIVATE_ADDRESSES = '1';
  assert.deepEqual(await loadData(spec(address)), await loadData(spec(folder)));
});

test('redirects and failures of the server are errors that say so', async () => {
  process.env.PLATEAU_PRIVATE_ADDRESSES = '1';
  await assert.rejects(loadData(spec(`${address}/moved`)), /fetch failed|redirect/);
  await assert.rejects(loadData(spec(`${address}/broken`)), /broken\/train-images-idx3-ubyte: the server answered 500/);
  await assert.rejects(loadData(spec(`${address}/empty`)), /no such file/);
});
