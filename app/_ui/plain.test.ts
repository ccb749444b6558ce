/** @file A question in one line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from './plain.ts';

test('marks of Markdown go, what they mark stays', () => {
  assert.equal(plain('What does a $\\tanh$ chain of **two layers** do?'), 'What does a tanh chain of two layers do?');
  assert.equal(plain('# Why\n\n- see [the paper](https://example.org) and `depth`'), 'Why see the paper and depth');
  assert.equal(plain('_this_ and ***that***'), 'this and that');
});

test('names, products and prices are no marks', () => {
  for (const text of ['snake_case_name and 2*3*4', 'exp(-5L/4n) at 3 * 4 * 5', 'it costs $5', 'a < b > c']) assert.equal(plain(text), text);
});
