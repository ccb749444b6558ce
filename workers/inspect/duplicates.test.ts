/** @file Keys that stand twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseDuplicates } from './duplicates.ts';

test('a key that stands twice in one object is found, however it is written; the same key elsewhere is none', () => {
  for (const [text, path] of [
    ['{"loss": 1, "loss" : 2}', 'loss'],
    ['{"params": {"a.bias": [1], "a.kernel": {"shape": []}, "a.bias": [2]}}', 'params.a.bias'],
    ['{"a\\u0062": 1, "ab": 2}', 'ab'],
    ['{"ask": [{"hessian": {"top": 1, "top"\n:2}}]}', 'ask.hessian.top'],
    ['[{"\\"": 1, "x": "}", "\\"": 2}]', '"'],
    ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
  ] as const) {
    JSON.parse(text);
    assert.throws(() => refuseDuplicates(text), { name: 'InspectRefusal', message: `${path}: must stand once, got it again` });
  }
  for (const text of [
    '{"a": {"a": {"a": "a"}}, "b": ["a", "a", {"a": 1}, {"a": 2}]}',
    '"a"',
    '{"a": "\\\\", "b": "{\\"a\\":1}", "c": "a"}',
    '{}',
  ])
    refuseDuplicates(text);
});

test('a text of many numbers is read at the speed of reading', () => {
  const text = `{"data": [${'0.123456789,'.repeat(2_000_000)}0], "shape": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  const started = performance.now();
  refuseDuplicates(text);
  assert.ok(performance.now() - started < 3_000);
});
