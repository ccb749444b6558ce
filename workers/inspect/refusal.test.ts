/** @file Refusals whose words come from the question: names, files, and how many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerQuestion } from './answer.ts';
import { filesGiven } from './files.ts';
import { ask, refused } from './question.fixture.ts';

test('of thousands of faults the first are told, and how many more there are', async () => {
  await refused(
    (q) => (q.layers = Array.from({ length: 4_000 }, () => ({ type: 'x' }))),
    /layers\[49\]\.type.*; the question: and 3950 faults more$/,
  );
});

test('what stands in names neither commands a terminal nor floods it, and no layer is lost by what it is called', async () => {
  await refused(
    (q) => (q.params['w\u001b[31m\n\u202e'] = [[NaN]]),
    /^params\.w\\u001b\[31m\\u000a\\u202e\[0\]\[0\]: must be a finite number, got NaN$/,
  );
  await refused((q) => (q.params = { file: 'x'.repeat(1e6) }), /^params\.file: must be a file that came .{0,8000}$/);
  await refused((q) => (q.params['w'.repeat(1e6)] = ['x']), /^params\.w.{0,400}: must be a finite number, got "x"$/);
  const { blocks } = await ask((q) => {
    q.layers[0].name = '__proto__';
    q.params = Object.fromEntries(Object.entries(q.params).map(([name, value]) => [name.replace('l1', '__proto__'), value]));
    q.ask = ['blocks'];
  });
  assert.deepEqual(Object.keys(blocks), ['__proto__', 'l2']);
});

test('arrays of files without values, or with some that are not finite, are no inputs', async () => {
  const npy = (shape: string, body: Uint8Array) => {
    const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape}), }`;
    return Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]), Buffer.from(header), body]);
  };
  const files = filesGiven(
    new Map([
      ['none', npy('0, 2', Buffer.alloc(0))],
      ['nan', npy('1,', Buffer.alloc(8, 0xff))],
    ]),
  );
  const answer = (file: string) => answerQuestion({ layers: [{ type: 'dense', out: 1 }], inputs: { file }, ask: ['loss'] }, files);
  await assert.rejects(answer('none'), /^InspectRefusal: inputs: must hold 1 to 50000000 values, got \[0,2\]$/);
  await assert.rejects(answer('nan'), /^InspectRefusal: inputs: must hold finite numbers, got NaN at value 0$/);
});
