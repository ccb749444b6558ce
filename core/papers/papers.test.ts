/** @file Every claim's quick recipe gives the recorded verdict, and planted faults turn it: the checks can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import katex from 'katex';
import { bootstrap, measured, slope, verdictOf, type Finding } from './claim.ts';
import recorded from './verdicts.json' with { type: 'json' };
import { papers } from './index.ts';
import { escapeSteps } from './simulations/chain.ts';

for (const { card, claims } of Object.values(papers))
  for (const claim of claims)
    test(`${card.name}: ${claim.title}`, () => {
      const finding = measured(claim);
      const wanted = (recorded as Record<string, Record<string, string>>)[card.name]?.[claim.name];
      assert.equal(verdictOf(finding), wanted, JSON.stringify(finding.estimates, null, 1));
      for (const { value, interval } of finding.estimates)
        assert.ok((interval[0] <= value + 1e-12 && value <= interval[1] + 1e-12) || interval[0] === interval[1]);
      assert.ok(finding.curves.length > 0 && finding.curves.every(({ points }) => points.length > 1));
    });

test('the same seed gives the same numbers, another seed others', () => {
  const [claim] = papers.orvieto2022vanishing.claims;
  assert.deepEqual(measured(claim!, 'quick', 3), measured(claim!, 'quick', 3));
  assert.notDeepEqual(measured(claim!, 'quick', 3).estimates, measured(claim!, 'quick', 4).estimates);
});

test('claims are words, formulas that typeset, and numbers that can fail: another window turns the verdict', () => {
  const names = Object.values(papers).flatMap(({ claims }) => claims.map(({ name }) => name));
  assert.equal(new Set(names).size, names.length);
  for (const { claims } of Object.values(papers))
    for (const { statement, recipe, formula, assumptions } of claims) {
      assert.ok(statement.length > 40 && recipe.length > 40 && assumptions.length > 0);
      katex.renderToString(formula, { throwOnError: true, strict: 'error' });
    }
});

const finding = (interval: [number, number], window: [number, number]): Finding => ({
  estimates: [{ name: 'x', value: interval[0], interval, predicted: 0, window }],
  curves: [],
});

test('the verdict: intervals that meet the window, that miss it, that are unknown', () => {
  assert.equal(verdictOf(finding([0.9, 1.1], [1, 2])), 'reproduced');
  assert.equal(verdictOf(finding([0.5, 0.9], [1, 2])), 'contradicted');
  assert.equal(verdictOf(finding([NaN, 1], [1, 2])), 'inconclusive');
  assert.equal(verdictOf({ estimates: [], curves: [] }), 'inconclusive');
  assert.equal(verdictOf(finding([25, 40], [20, Infinity])), 'reproduced');
});

test('a wrong exponent, and a mean in place of a median, turn the verdict', () => {
  const { regimes } = Object.fromEntries(papers.marion2022scaling.claims.map((claim) => [claim.name, claim]));
  const found = measured(regimes!);
  const wrong = {
    ...found,
    estimates: found.estimates.map((estimate) => ({ ...estimate, window: estimate.window.map((end) => end * 1.5) as [number, number] })),
  };
  assert.equal(verdictOf(wrong), 'contradicted');
  // the mean of f² of a chain is 1 at every depth: a slope of means would claim that nothing vanishes
  const draws = [10, 20].map((depth) => Array.from({ length: 4_000 }, (_, i) => Math.exp(2 * Math.sin(i * depth))));
  const ofMeans = bootstrap(
    draws,
    (all) =>
      slope(
        [10, 20],
        all.map((values) => Math.log(values.reduce((sum, value) => sum + value, 0) / values.length)),
      ),
    1,
  );
  assert.equal(
    verdictOf({ estimates: [{ name: 'slope', ...ofMeans, predicted: -0.45, window: [-0.46, -0.44] }], curves: [] }),
    'contradicted',
  );
});

test('a bootstrap interval holds the mean of a known law about as often as it says', () => {
  let hits = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const draws = Array.from({ length: 80 }, (_, i) => Math.sin(12.9898 * (i + 80 * seed)) ** 2); // mean ½
    const { interval } = bootstrap([draws], ([all]) => all!.reduce((sum, value) => sum + value, 0) / all!.length, seed);
    if (interval[0] <= 0.5 && interval[1] >= 0.5) hits++;
  }
  assert.ok(hits > 48, `${hits} of 60`);
});

test('escape from the plateau: the steps of the reference computation', () => {
  // gradient descent 93 and 4107 at depth 10 and 20, Adam 30 and 34, RMSprop 17 and 14, up to the 5% spread of the weights
  for (const [kind, depth, want] of [
    ['gradientDescent', 10, 93],
    ['gradientDescent', 20, 4107],
    ['adam', 10, 30],
    ['adam', 20, 34],
    ['rmsprop', 10, 17],
    ['rmsprop', 20, 14],
  ] as const) {
    const steps = escapeSteps(kind, depth, 1);
    assert.ok(steps > 0.55 * want && steps < 1.8 * want, `${kind} at ${depth}: ${steps}`);
  }
});
