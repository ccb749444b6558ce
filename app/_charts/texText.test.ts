/** @file Short formulas as text. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { texText } from './texText.ts';

test('Greek letters, fractions, roots, indices and powers are written as one reads them', () => {
  assert.equal(texText('2/\\eta'), '2/η');
  assert.equal(texText('-L/d'), '−L/d');
  assert.equal(texText('\\tfrac{1}{4n}'), '1/(4n)');
  assert.equal(texText('\\tfrac14-\\tfrac{1}{2d}'), '1/4−1/(2d)');
  assert.equal(texText('\\sqrt{2\\eta\\lambda/(1+\\mu)}'), '√(2ηλ/(1+μ))');
  assert.equal(texText('L(\\log\\sqrt3 - 1)'), 'L(log √3 − 1)');
  assert.equal(texText('e^{-.96n}'), 'e<sup>−.96n</sup>');
  assert.equal(texText('\\lambda_{\\min}'), 'λ<sub>min</sub>');
  assert.equal(texText('\\operatorname{med}\\,\\|x^L\\|'), 'med‖x<sup>L</sup>‖');
});

test('what is more than that, or no formula, has no text', () => {
  assert.equal(texText('\\begin{cases} a \\\\ b \\end{cases}'), null);
  assert.equal(texText('\\frac{1}{2'), null);
  assert.equal(texText('a}'), null);
  assert.equal(texText('x^'), null);
});
