/** @file The spool: what is written comes back, whatever byte the writer died at. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { encodeFrame, openSpoolReader, openSpoolWriter, type Frame } from './spool.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'plateau-spool-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
const frame = (text: string): Frame => ({ kind: 'report', payload: Buffer.from(text) });
function readAll(path: string): string[] {
  const reader = openSpoolReader(path);
  const texts: string[] = [];
  for (let entries = reader.next(64); entries.length > 0; entries = reader.next(64))
    texts.push(...entries.map((entry) => Buffer.from(entry.frame.payload).toString()));
  reader.close();
  return texts;
}

test('frames come back in order, over several segments', (t) => {
  const path = folder(t);
  const writer = openSpoolWriter(path, { segmentBytes: 40 });
  const texts = Array.from({ length: 20 }, (_, i) => `frame ${i}`);
  for (const text of texts) writer.append([frame(text)]);
  assert.ok(readdirSync(path).length > 3);
  assert.deepEqual(readAll(path), texts);
});

test('a frame larger than a read still comes back', (t) => {
  const path = folder(t);
  openSpoolWriter(path).append([frame('x'.repeat(10_000)), frame('y')]);
  assert.deepEqual(
    readAll(path).map((text) => text.length),
    [10_000, 1],
  );
});

test('a tail torn at any byte is ignored, and the next writer goes on behind it', (t) => {
  const whole = [encodeFrame(frame('first')), encodeFrame(frame('second'))];
  for (let cut = 0; cut < whole[1]!.length; cut++) {
    const path = folder(t);
    writeFileSync(join(path, '00000001.spool'), Buffer.concat([whole[0]!, whole[1]!.subarray(0, cut)]));
    assert.deepEqual(readAll(path), ['first']);
    openSpoolWriter(path).append([frame('third')]);
    assert.deepEqual(readAll(path), ['first', 'third']);
  }
});

test('bytes changed on the disk are not delivered', (t) => {
  const path = folder(t);
  openSpoolWriter(path).append([frame('first'), frame('second')]);
  const file = join(path, '00000001.spool');
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
  assert.deepEqual(readAll(path), ['first']);
});

test('a reader waits for a frame that is not whole yet', (t) => {
  const path = folder(t);
  const file = join(path, '00000001.spool');
  const bytes = encodeFrame(frame('slow'));
  writeFileSync(file, bytes.subarray(0, 5));
  const reader = openSpoolReader(path);
  assert.deepEqual(reader.next(100), []);
  appendFileSync(file, bytes.subarray(5));
  assert.equal(reader.next(100).length, 1);
});

test('what is trimmed is not read again, and its segments are gone', (t) => {
  const path = folder(t);
  const writer = openSpoolWriter(path, { segmentBytes: 30 });
  for (let i = 0; i < 6; i++) writer.append([frame(`frame ${i}`)]);
  const reader = openSpoolReader(path);
  const { after } = [...reader.next(20), ...reader.next(20), ...reader.next(20)].at(-1)!;
  reader.trim(after);
  const left = readAll(path);
  assert.equal(left.at(-1), 'frame 5');
  assert.ok(left.length < 6);
  assert.ok(!readdirSync(path).includes('00000001.spool'));
});

test('a torn position file costs a second delivery, nothing else', (t) => {
  const path = folder(t);
  openSpoolWriter(path).append([frame('first')]);
  const reader = openSpoolReader(path);
  reader.trim(reader.next(100)[0]!.after);
  truncateSync(join(path, 'position.json'), 5);
  assert.deepEqual(readAll(path), ['first']);
});

test('a write that stops half way leaves no half frame behind', (t) => {
  const path = folder(t);
  let room = 30;
  const write = (fd: number, bytes: Uint8Array): number => {
    if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const written = writeSync(fd, bytes.subarray(0, Math.min(room, bytes.length)));
    room -= written;
    return written;
  };
  const writer = openSpoolWriter(path, { write });
  writer.append([frame('first')]); // 14 bytes
  assert.throws(() => writer.append([frame('second, longer than the room')]), /no space/);
  room = 1000;
  writer.append([frame('third')]);
  assert.deepEqual(readAll(path), ['first', 'third']);
});
