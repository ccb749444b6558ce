/** @file The palette finds what a person means. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyName, rank } from './commands.ts';

const best = (query: string, texts: readonly string[]) =>
  texts
    .map((text) => ({ text, score: rank(query, text) }))
    .filter(({ score }) => score !== null)
    .sort((a, b) => b.score! - a.score!)[0]?.text;

test('letters in order find a text, others do not', () => {
  assert.equal(rank('xyz', 'weight norm'), null);
  assert.equal(rank('mron', 'norm'), null);
  assert.notEqual(rank('', 'anything'), null);
  assert.notEqual(rank('WN', 'weight norm'), null);
});

test('whole words and word starts come before scattered letters', () => {
  assert.equal(best('norm', ['new orange room', 'gradient norm']), 'gradient norm');
  assert.equal(best('gn', ['learning', 'gradient norm', 'signal']), 'gradient norm');
  assert.equal(best('loss', ['close all of this soon', 'loss', 'held-out loss']), 'loss');
});

test('keys are told in the words of the keyboard', () => {
  assert.equal(keyName('mod+k'), 'Ctrl K');
  assert.equal(keyName('?'), '?');
  assert.equal(keyName('mod+shift+z'), 'Ctrl Shift Z');
});
