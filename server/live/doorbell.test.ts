/** @file The doorbell: no ring is lost, and aborting or closing wakes who waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closable } from './closable.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { createDoorbell } from './doorbell.ts';
import { createPages } from './pages.ts';
import type { PageChunk } from './pages.ts';

test('a ring between two waits is not lost', async () => {
  const bell = createDoorbell();
  const watch = bell.watch('run:a');
  bell.ring('run:a');
  await watch.next();
  const waiting = watch.next();
  bell.ring('run:b');
  assert.equal(await Promise.race([waiting.then(() => 'rung'), Promise.resolve().then(() => 'asleep')]), 'asleep');
  bell.ring('run:a');
  await waiting;
  watch.close();
  assert.equal(bell.watching(), 0);
});

test('an abort, a closing and ringing all wake a watch', async () => {
  const bell = createDoorbell();
  const controller = new AbortController();
  const [one, two, three] = ['a', 'b', 'c'].map((key) => bell.watch(key)) as [
    ReturnType<typeof bell.watch>,
    ReturnType<typeof bell.watch>,
    ReturnType<typeof bell.watch>,
  ];
  const all = Promise.all([one.next({ signal: controller.signal }), two.next(), three.next()]);
  controller.abort();
  two.close();
  bell.ringAll();
  await all;
});

test('a ring of one experiment rings the list', async () => {
  const bell = createDoorbell();
  const watch = bell.watch('experiments');
  const waiting = watch.next();
  bell.ring('experiment:x');
  await waiting;
});

test('a generator that sleeps ends when it is told to', async () => {
  let ended = false;
  const generator = closable(async function* (signal) {
    try {
      yield 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    } finally {
      ended = true;
    }
  });
  assert.deepEqual(await generator.next(), { done: false, value: 1 });
  const sleeping = generator.next();
  await generator.return();
  assert.deepEqual(await sleeping, { done: true, value: undefined });
  assert.ok(ended);
});

test('a cursor is read back, several are joined, and nonsense or one of another run is refused', () => {
  const cursor = { gradNorm: 7, 'a.b': 0, loss: 123456 };
  const [text, run] = [encodeCursor(cursor, 'r1'), 'r1'];
  assert.deepEqual(decodeCursor(text, Object.keys(cursor), run), cursor);
  assert.deepEqual(
    decodeCursor(`${encodeCursor({ loss: 3 }, run)},${encodeCursor({ gradNorm: 4 }, run)}`, ['loss', 'gradNorm', 'more'], run),
    { loss: 3, gradNorm: 4, more: 0 },
  );
  assert.deepEqual(decodeCursor(null, ['loss'], run), { loss: 0 });
  assert.equal(decodeCursor(text, ['loss'], 'r2'), null);
  assert.equal(decodeCursor(`${text},${encodeCursor({ loss: 3 }, 'r2')}`, ['loss'], run), null);
  const written = (words: string) => `c1.${Buffer.from(words).toString('base64url')}`;
  assert.deepEqual(decodeCursor(written('@r1 loss:2'), ['loss'], run), { loss: 2 });
  for (const nonsense of ['nonsense', 'c1.!', 'c2.abc', written('@r1 loss'), written('loss:2'), written(''), 'c1.,'])
    assert.equal(decodeCursor(nonsense, ['loss'], run), null, nonsense);
});

test('all who stand at one cursor share one read, and pages after a failed read go on from the same place', async () => {
  const bell = createDoorbell();
  const chunk = (seq: number): PageChunk => ({
    metric: 'loss',
    seq,
    firstStep: seq,
    lastStep: seq,
    rows: 1,
    width: 1,
    body: Buffer.alloc(1),
  });
  let stored = 3;
  let reads = 0;
  let failures = 1;
  const pages = createPages(bell, async (_run, from) => {
    reads++;
    if (failures-- > 0) throw new Error('the database is away');
    return { chunks: Array.from({ length: stored - from.loss! }, (_, at) => chunk(from.loss! + at)), latest: stored - 1, full: false };
  });
  const followers = Array.from({ length: 20 }, () => pages.follow('r', ['loss'], { loss: 0 }));
  const first = await Promise.all(followers.map((follower) => follower.next()));
  assert.equal(new Set(first.map(({ value }) => value)).size, 1);
  assert.equal(reads, 2);
  stored = 5;
  const second = Promise.all(followers.map((follower) => follower.next()));
  bell.ring('run:r');
  const got = await second;
  assert.deepEqual(
    got[0]!.value!.chunks.map(({ seq }) => seq),
    [3, 4],
  );
  assert.equal(new Set(got.map(({ value }) => value)).size, 1);
  await Promise.all(followers.map((follower) => follower.return()));
  assert.deepEqual([pages.following(), bell.watching()], [0, 0]);
});
