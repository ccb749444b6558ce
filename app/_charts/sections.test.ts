/** @file Sections of a run's charts: every metric has one place, and no row of two is left half empty. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics } from '#core/metrics/index.ts';
import { filled, sectionsOf, type Entry } from './sections.ts';

test('every metric of the catalog stands in one section, errors apart; the error of a density is its band', () => {
  const sections = sectionsOf(Object.keys(metrics));
  const placed = sections.flatMap(({ charts, errors }) => [...new Set([...charts, ...errors].map(({ metric }) => metric))]);
  assert.equal(new Set(placed).size, placed.length);
  assert.deepEqual(
    Object.keys(metrics).filter((name) => !placed.includes(name)),
    ['hessianDensityError', 'ggnDensityError', 'fisherDensityError', 'modelFisherDensityError'].toSorted(),
  );
  for (const { charts, errors } of sections) {
    assert.ok(charts.every(({ metric }) => !metric.endsWith('Residual')));
    assert.ok(errors.every(({ metric }) => /Residual$|Error$/.test(metric)));
  }
});

test('a run that records losses alone has one section, and the loss comes first', () => {
  const sections = sectionsOf(['heldOutLoss', 'nonsense', 'loss']);
  assert.deepEqual(
    sections.map(({ title, charts }) => [title, charts.map(({ metric }) => metric)]),
    [['Training', ['loss', 'heldOutLoss']]],
  );
});

test('each matrix beside the Hessian begins a row, and what is known of it stands together', () => {
  const named = Object.keys(metrics).filter((name) => /^(hessian(Top|Trace|Frobenius)|fisher|ggn)/.test(name));
  const [{ charts }] = sectionsOf(named.toSorted()) as [ReturnType<typeof sectionsOf>[number]];
  const rows: string[] = [];
  let half = false;
  for (const { metric, wide } of charts) {
    if (half && !wide) rows[rows.length - 1] += ` ${metric}`;
    else rows.push(metric);
    half = !half && !wide;
  }
  assert.deepEqual(rows, [
    ...['hessianTop hessianTrace', 'hessianFrobenius'],
    ...['ggn', 'fisher'].flatMap((of) => [
      ...[`${of}Top ${of}Trace`, `${of}Frobenius ${of}BlockTrace`],
      ...[`${of}Density ${of}Density`, `${of}BlockTop`],
    ]),
  ]);
});

test('a chart that would stand alone in its row takes the row, the others stay as they are', () => {
  const widths = (pattern: string) =>
    filled([...pattern].map((letter): Entry => ({ kind: 'line', metric: 'loss', wide: letter === 'W' })))
      .map(({ wide }) => (wide ? 'W' : '.'))
      .join('');
  assert.equal(widths('.'), 'W');
  assert.equal(widths('..'), '..');
  assert.equal(widths('...'), '..W');
  assert.equal(widths('.W..'), 'WW..');
  assert.equal(widths('W...W.'), 'W..WWW');
  assert.equal(widths(''), '');
});
