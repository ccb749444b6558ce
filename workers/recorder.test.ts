/** @file The recorder: nothing is lost, nothing throws, memory and disk stay bounded. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { decodeChunk, type Chunk } from '#core/chunk.ts';
import type { LogLine } from '#core/protocol.ts';
import { openRecorder, type RecorderOptions, type SpooledReport } from './recorder.ts';
import type { Frame, SpoolWriter } from './spool.ts';

/** A disk in memory that can be full and knows how much it holds. */
function disk(): SpoolWriter & { frames: Frame[]; full: boolean; held: number } {
  const state = {
    frames: [] as Frame[],
    full: false,
    held: 0,
    append(frames: readonly Frame[]) {
      if (state.full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      state.frames.push(...frames);
      state.held += frames.reduce((sum, { payload }) => sum + payload.length, 0);
    },
    used: () => state.held,
    close() {},
  };
  return state;
}
const chunksOf = (frames: readonly Frame[]): Chunk[] =>
  frames.filter(({ kind }) => kind === 'chunk').map(({ payload }) => decodeChunk(payload));
const reportsOf = (frames: readonly Frame[]): SpooledReport[] =>
  frames.filter(({ kind }) => kind === 'report').map(({ payload }) => JSON.parse(Buffer.from(payload).toString()) as SpooledReport);
const stepsOf = (frames: readonly Frame[]): number[] => chunksOf(frames).flatMap(({ steps }) => [...steps]);

function setUp(t: TestContext, options: Partial<RecorderOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-recorder-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const spool = disk();
  const clock = { ms: 0 };
  const recorder = openRecorder({ folder, attempt: 3, spool, now: () => clock.ms, ...options });
  return { folder, spool, clock, recorder };
}

test('rows become one chunk per metric when the time is up, seq counts from what the store holds', (t) => {
  const { recorder, spool, clock } = setUp(t, { nextSeq: { loss: 7 } });
  recorder.append('loss', 0, [1]);
  recorder.append('gradNorm', 0, [1, 2]);
  recorder.append('loss', 1, [0.5]);
  assert.equal(spool.frames.length, 0);
  clock.ms = 100;
  recorder.append('loss', 2, [NaN]);
  assert.deepEqual(
    chunksOf(spool.frames).map(({ metric, seq, attempt, width, steps, values }) => [metric, seq, attempt, width, [...steps], [...values]]),
    [
      ['loss', 7, 3, 1, [0, 1, 2], [1, 0.5, NaN]],
      ['gradNorm', 0, 3, 2, [0], [1, 2]],
    ],
  );
  recorder.append('loss', 3, [Infinity]);
  recorder.close();
  assert.deepEqual(
    chunksOf(spool.frames)
      .map(({ metric, seq }) => [metric, seq])
      .at(-1),
    ['loss', 8],
  );
});

test('64 KiB of rows are flushed whatever the time', (t) => {
  const { recorder, spool } = setUp(t);
  const row = new Float32Array(1024);
  for (let step = 0; step < 15; step++) recorder.append('weights', step, row);
  assert.equal(spool.frames.length, 0);
  recorder.append('weights', 15, row);
  assert.deepEqual(stepsOf(spool.frames), [...Array(16).keys()]);
});

test('the row is copied: the training may use its buffer again', (t) => {
  const { recorder, spool } = setUp(t);
  const row = Float32Array.of(1);
  recorder.append('loss', 0, row);
  row[0] = 2;
  recorder.close();
  assert.deepEqual([...chunksOf(spool.frames)[0]!.values], [1]);
});

test('steps that go back and a new width start a new chunk', (t) => {
  const { recorder, spool } = setUp(t);
  recorder.append('loss', 5, [1]);
  recorder.append('loss', 4, [1]);
  recorder.append('loss', 6, [1, 2]);
  recorder.close();
  assert.deepEqual(
    chunksOf(spool.frames).map(({ seq, width, steps }) => [seq, width, ...steps]),
    [
      [0, 1, 5],
      [1, 1, 4],
      [2, 2, 6],
    ],
  );
});

test('rows that no chunk can hold are named in the log and never throw', (t) => {
  const { recorder, spool } = setUp(t);
  recorder.append('Loss', 0, [1]);
  recorder.append('loss', -1, [1]);
  recorder.append('loss', NaN, [1]);
  recorder.append('loss', 0, []);
  recorder.append('loss', 0, null as unknown as number[]);
  recorder.close();
  assert.deepEqual(chunksOf(spool.frames), []);
  assert.equal(reportsOf(spool.frames).flatMap(({ log }) => log ?? []).length, 5);
});

test('facts, progress and log lines are gathered into one report behind the rows', (t) => {
  const { recorder, spool } = setUp(t);
  recorder.facts({ runtime: 'onnx' });
  recorder.facts({ device: 'cpu' });
  recorder.progress(1);
  recorder.progress(2);
  recorder.log('info', 'hello');
  recorder.append('loss', 0, [1]);
  recorder.flush();
  assert.deepEqual(
    spool.frames.map(({ kind }) => kind),
    ['chunk', 'report'],
  );
  const [report] = reportsOf(spool.frames);
  assert.deepEqual([report!.facts, report!.step, report!.log![0]!.text], [{ runtime: 'onnx', device: 'cpu' }, 2, 'hello']);
});

test('progress alone travels once a second, the last of it at the end', (t) => {
  const { recorder, spool, clock } = setUp(t);
  for (let step = 0; step < 100; step++) {
    clock.ms += 50;
    recorder.progress(step);
    recorder.append('loss', step, [1]);
  }
  assert.ok(reportsOf(spool.frames).length <= 6, `${reportsOf(spool.frames).length} reports in 5 s`);
  recorder.close();
  assert.equal(reportsOf(spool.frames).at(-1)!.step, 99);
});

test('a checkpoint stands behind the rows before it, and only the two newest files are kept', (t) => {
  const { recorder, spool, folder } = setUp(t);
  recorder.append('loss', 0, [1]);
  for (const step of [1, 2, 3]) recorder.checkpoint(step, Uint8Array.of(step));
  assert.deepEqual(
    spool.frames.map(({ kind }) => kind),
    ['chunk', 'checkpoint', 'checkpoint', 'checkpoint'],
  );
  assert.deepEqual(readdirSync(folder).sort(), ['checkpoint-2.bin', 'checkpoint-3.bin']);
});

test('a full disk: rows wait, then thin out, the log says so past the spool, and all of it goes out when there is room', (t) => {
  const told: LogLine[] = [];
  const { recorder, spool, clock } = setUp(t, { memoryBytes: 12_000, tell: (line) => told.push(line) });
  spool.full = true;
  for (let step = 0; step < 20_000; step++) {
    clock.ms += 10;
    recorder.append('loss', step, [step]);
  }
  assert.equal(spool.frames.length, 0);
  assert.match(told[0]!.text, /cannot be written \(ENOSPC\): rows wait in memory/);
  assert.match(told.at(-1)!.text, /recording every \d+th row/);
  spool.full = false;
  clock.ms += 10_000;
  recorder.flush();
  const steps = stepsOf(spool.frames);
  assert.ok(steps.length >= 250 && steps.length <= 2000, `${steps.length} rows`); // 12 bytes a row
  assert.ok(steps[0]! < 100 && steps.at(-1)! > 19_000, 'the whole range is there, thinner');
  assert.deepEqual(
    steps,
    steps.toSorted((a, b) => a - b),
  );
  assert.deepEqual(
    chunksOf(spool.frames).flatMap(({ values }) => [...values]),
    steps,
  );
  const before = stepsOf(spool.frames).length;
  for (let step = 20_000; step < 20_100; step++) recorder.append('loss', step, [step]);
  recorder.close();
  assert.equal(stepsOf(spool.frames).length - before, 100, 'full resolution again');
});

test('a disk that stays full hands what is left back at the end', (t) => {
  const { recorder, spool } = setUp(t);
  spool.full = true;
  recorder.append('loss', 0, [1]);
  recorder.report({ status: 'finished', step: 1 });
  const left = recorder.close();
  assert.deepEqual(stepsOf(left), [0]);
  assert.equal(reportsOf(left).at(-1)!.status, 'finished');
  assert.equal(spool.frames.length, 0);
});

test('a spool past half of its quota halves the resolution again and again and never passes the quota', (t) => {
  const quotaBytes = 32 * 1024 * 1024;
  const { recorder, spool } = setUp(t, { quotaBytes });
  const row = new Float32Array(4096);
  for (let step = 0; step < 40_000; step++) recorder.append('weights', step, row); // 640 MB if all were kept
  recorder.flush();
  assert.ok(spool.held < quotaBytes, `${spool.held} bytes`);
  const steps = stepsOf(spool.frames);
  assert.ok(steps.at(-1)! > 30_000, 'still recording at the end');
  assert.ok(reportsOf(spool.frames).some(({ log }) => log?.some(({ text }) => /recording every 2th row/.test(text))));
  spool.held = 0; // the server took it
  for (let step = 40_000; step < 48_192; step++) recorder.append('weights', step, row);
  recorder.close();
  assert.ok(stepsOf(spool.frames).filter((step) => step >= 40_000).length > 1000, 'finer again once there is room');
});

test('a checkpoint that the disk cannot take is a warning', (t) => {
  const { recorder, spool, folder } = setUp(t);
  rmSync(folder, { recursive: true });
  recorder.checkpoint(1, Uint8Array.of(1));
  assert.ok(!existsSync(folder));
  assert.match(reportsOf(spool.frames)[0]!.log![0]!.text, /checkpoint of step 1 could not be kept/);
});
