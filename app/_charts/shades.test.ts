/** @file Colours of many groups. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shadesOf } from './shades.ts';

const names = (fields: Parameters<typeof shadesOf>[0]) => shadesOf(fields)?.map(({ name }) => name);
const colours = (fields: Parameters<typeof shadesOf>[0]) => shadesOf(fields)?.map(({ colour }) => colour);

test('the number with most values gives the colours, in its own order', () => {
  const fields = [
    { word: 'learning rate', values: [0.1, 0.1, 0.1, 0.01, 0.01, 0.01] },
    { word: 'width', values: [64, 8, 16, 64, 8, 16] },
  ];
  assert.deepEqual(names(fields), ['width 64', 'width 8', 'width 16', 'width 64', 'width 8', 'width 16']);
  assert.deepEqual(colours(fields), ['--ramp-7', '--ramp-1', '--ramp-4', '--ramp-7', '--ramp-1', '--ramp-4']);
});

test('more values than colours share them with their neighbours, and the name says so', () => {
  const values = Array.from({ length: 20 }, (_, i) => i + 1);
  const found = shadesOf([{ word: 'depth', values }])!;
  assert.equal(new Set(found.map(({ colour }) => colour)).size, 7);
  assert.deepEqual([found[0]!.name, found[19]!.name], ['depth 1 to 2', 'depth 19 to 20']);
  const places = found.map(({ colour }) => Number(colour.at(-1)));
  assert.deepEqual(places, places.toSorted());
});

test('words give colours where they are few; where nothing can, nothing does', () => {
  const many = Array.from({ length: 16 }, (_, i) => ({ kind: `activation${i}` }));
  const few = many.map((_, i) => (i % 2 ? 'adam' : 'sgd'));
  assert.deepEqual(
    new Set(
      names([
        { word: 'activation', values: many },
        { word: 'optimizer', values: few },
      ]),
    ),
    new Set(['optimizer sgd', 'optimizer adam']),
  );
  assert.equal(shadesOf([{ word: 'activation', values: many }]), null);
  assert.equal(shadesOf([]), null);
});
