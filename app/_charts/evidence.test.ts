/** @file The highlight of a diagnosis in the address: read as written, refused where it is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highlightWords, readHighlight, runsOf, writeHighlight } from './evidence.ts';

test('a highlight is read as it was written, layers counted from 1 and neighbours joined', () => {
  const highlight = { steps: [0, 80], layers: [0, 1, 2, 7, 9, 10] } as const;
  assert.equal(writeHighlight(highlight), '0-80:1-3,8,10-11');
  assert.deepEqual(readHighlight('0-80:1-3,8,10-11'), highlight);
  assert.equal(writeHighlight({ steps: [5, 5], layers: [] }), '5');
  assert.deepEqual(readHighlight('5'), { steps: [5, 5], layers: [] });
  assert.equal(highlightWords(highlight), 'steps 0 to 80, layers 1 to 3, 8, 10 to 11');
  assert.equal(highlightWords({ steps: [1200, 1200], layers: [4] }), 'step 1,200, layer 5');
});

test('what is no highlight is none, and layers that cannot be are left out', () => {
  for (const text of ['', 'x', '9-3', '-4', '1.5', 'NaN-2']) assert.equal(readHighlight(text), null, text);
  assert.deepEqual(readHighlight('1-2:0,3-2,999999999,4'), { steps: [1, 2], layers: [3] });
});

test('neighbouring layers are one range', () => {
  assert.deepEqual(runsOf([]), []);
  assert.deepEqual(runsOf([3]), [[3, 3]]);
  assert.deepEqual(runsOf([0, 1, 4]), [
    [0, 1],
    [4, 4],
  ]);
});
