/** @file Links into the form carry their draft whole, and what is not one is not taken for one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newExperimentLink, prefillOf } from './link.ts';

test('a draft survives the address', () => {
  const prefill = { spec: { dataset: 'sphere', note: '100% "ü" # & =' }, grid: [{ path: 'seed', values: [1, 2] }], title: 'β ≥ ½' };
  const url = new URL(newExperimentLink(prefill), 'http://localhost');
  assert.equal(url.pathname, '/new');
  assert.deepEqual(prefillOf(url.hash), prefill);
});

test('another hash, a cut one and hostile ones open an empty form', () => {
  for (const hash of ['', '#top', '#%7B%22spec%22%3A', '#%E0%A4%A', '#null', '#7', '#[]', `#${encodeURIComponent('{"spec":"x"}')}`])
    assert.equal(prefillOf(hash), null, hash);
});
