/** @file Words and formulas as they are set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markedUp, partsOf, piecesOf } from './typeset.ts';

test('powers are raised, without the braces that held them, and a full stop after them stays where it is', () => {
  assert.equal(markedUp('fall by 10^6.0.'), 'fall by 10<sup>6.0</sup>.');
  assert.equal(markedUp('the ratio e^(1/4 - 1/(2d)), and a^*(H)'), 'the ratio e<sup>1/4 − 1/(2d)</sup>, and a<sup>*</sup>(H)');
  assert.equal(markedUp('β = L^-½. Then 2^-n, (x)^t'), 'β = L<sup>−½</sup>. Then 2<sup>−n</sup>, (x)<sup>t</sup>');
});

test('powers of ten are written out', () => {
  assert.equal(markedUp('up to 5e-4 off, 1e20, 2.5e+3'), 'up to 5·10<sup>−4</sup> off, 10<sup>20</sup>, 2.5·10<sup>3</sup>');
  for (const code of ['0x5e4', 'se-4', '5e', 'v1e3x']) assert.equal(markedUp(code), code);
});

test('an index of one letter is lowered, names of code are left alone', () => {
  assert.equal(markedUp('log ‖h_L‖ / ‖h_0‖'), 'log ‖h<sub>L</sub>‖ / ‖h<sub>0</sub>‖');
  assert.equal(markedUp('h_L - h_0'), 'h<sub>L</sub> − h<sub>0</sub>');
  for (const code of ['spec_hash', 'x_train_set', '__init__', 'a^', '^2']) assert.deepEqual(piecesOf(code), [{ text: code, place: 'on' }]);
});

test('a hyphen is a minus in front of a number, and a hyphen in a word', () => {
  assert.equal(markedUp('within 0.01 of -0.4507, exp(-2.64)'), 'within 0.01 of −0.4507, exp(−2.64)');
  assert.equal(markedUp('H w = -g, -λ_min'), 'H w = −g, −λ<sub>min</sub>');
  assert.equal(markedUp('η/(1 - μ), (π-1)'), 'η/(1 − μ), (π−1)');
  for (const words of ['res-3 blocks', 'log-normal', 'a run - or two', 'P1-2', 'float-32']) assert.equal(markedUp(words), words);
});

test('a formula is cut at wide spaces, but not inside braces, and loses nothing else', () => {
  assert.deepEqual(partsOf('v \\leftarrow v + g^2,\\quad w \\leftarrow w,\\ t = 1'), [
    'v \\leftarrow v + g^2,',
    ' w \\leftarrow w,',
    't = 1',
  ]);
  for (const whole of ['\\frac{a,\\quad b}{c}', 'f(a,\\ b)', '\\left[a \\quad b\\right]', '\\begin{cases}a\\quad b\\end{cases}', 'a\\;b'])
    assert.deepEqual(partsOf(whole), [whole]);
});
