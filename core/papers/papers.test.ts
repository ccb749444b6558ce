/** @file Claims as such: words, specs, verdicts, what is recorded of them; that planted faults turn a verdict. Their verdicts are checked in workers/papers. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import katex from 'katex';
import { catalog } from '../catalog.ts';
import type { Paper } from '../define.ts';
import { estimateCost } from '../estimate.ts';
import { collector, type RunResult } from '../results.ts';
import { canonical, parseSpec } from '../spec.ts';
import { bootstrap, budgets, isTrained, judgedSoFar, measured, slope, verdictOf, type Finding, type SimulatedClaim } from './claim.ts';
import { findingFromJson, findingToJson } from './findingJson.ts';
import { papers } from './index.ts';
import { escapeSteps } from './simulations/chain.ts';

const all = Object.values(papers) as readonly Paper[];
const claims = all.flatMap((paper) => paper.claims);
const simulated = (name: string): SimulatedClaim => {
  const claim = claims.find((of) => of.name === name);
  assert.ok(claim && !isTrained(claim));
  return claim;
};

test('the same seed gives the same numbers, another seed others', () => {
  const claim = simulated('widthNeedsDepth');
  assert.deepEqual(measured(claim, 'tiny', 3), measured(claim, 'tiny', 3));
  assert.notDeepEqual(measured(claim, 'tiny', 3).estimates, measured(claim, 'tiny', 4).estimates);
});

test('what takes its time shows points before its end: of the curves that the end has, at their places, with no estimate and no verdict', () => {
  const slow = [
    'smoothThreshold',
    'widthExponents',
    'hollowHessian',
    'icCorrelation',
    'dataDependentStart',
    'logNormal',
    'boundedProposal',
  ];
  for (const claim of slow.map(simulated)) {
    const partial: Finding[] = [];
    const work = claim.measure('tiny', 3);
    let step = work.next();
    for (; !step.done; step = work.next()) if (typeof step.value !== 'number') partial.push(step.value.finding);
    const places = new Map(step.value.curves.map(({ figure, title, points }) => [`${figure} ${title}`, new Set(points.map(({ x }) => x))]));
    assert.ok(partial.length > 1, claim.name);
    for (const { estimates, curves } of partial) {
      assert.deepEqual(estimates, []);
      assert.ok(curves.length > 0, claim.name);
      for (const { figure, title, points } of curves)
        for (const { x, y } of points)
          assert.ok(places.get(`${figure} ${title}`)?.has(x) && Number.isFinite(y), `${claim.name}: ${title} at ${x}`);
    }
    assert.deepEqual(partial.at(-1)!.curves, step.value.curves, `${claim.name}: the last points are those of the end`);
  }
});

test('what is recorded is of claims that there are, and survives JSON', () => {
  for (const { claims, recorded } of all)
    for (const [name, { verdict, finding }] of Object.entries(recorded)) {
      assert.ok(
        claims.some((claim) => claim.name === name),
        name,
      );
      assert.equal(verdictOf(findingFromJson(finding)), verdict, name);
      assert.deepEqual(findingToJson(findingFromJson(finding)), finding);
    }
});

test('claims that train: every budget is a list of different specs that parse and whose cost is known, and no runs are an inconclusive finding', async () => {
  for (const claim of claims.filter(isTrained)) {
    for (const budget of budgets) {
      const specs = claim.specs(budget, 3) as readonly { seed?: number }[];
      // seeds make runs of a grid different and parse alike: one of each is enough
      const arms = Map.groupBy(specs, ({ seed: _, ...rest }) => JSON.stringify(rest));
      const parsed = [...arms.values()].map(([first]) => parseSpec({ ...first, seed: 1 }));
      assert.equal(new Set(parsed.map(canonical)).size, arms.size, `${claim.name} ${budget}: equal specs`);
      for (const runs of arms.values()) {
        const seeds = new Set(runs.map(({ seed = 1 }) => seed));
        assert.equal(seeds.size, runs.length, `${claim.name} ${budget}: equal seeds`);
        parseSpec({ seed: Math.min(...seeds) });
        parseSpec({ seed: Math.max(...seeds) });
        assert.ok([...seeds].every(Number.isInteger), `${claim.name} ${budget}: broken seeds`);
      }
      // one of each size: a plan of a thousand blocks takes its time
      for (const spec of new Map(
        parsed.map((one) => [JSON.stringify([one.network.kind, one.network.depth, one.network.width, one.steps]), one]),
      ).values())
        for (const [of, value] of Object.entries(estimateCost(spec)))
          if (typeof value === 'number') assert.ok(Number.isFinite(value) && value >= 0, `${claim.name} ${budget}: ${of} ${value}`);
      assert.notDeepEqual(specs, claim.specs(budget, 4), `${claim.name} ${budget}: the seed does nothing`);
    }
    assert.ok(
      claim.metrics.every((name) => name in catalog.metric),
      claim.name,
    );
    assert.equal(verdictOf(claim.judge([], 1)), 'inconclusive', claim.name);
  }
});

test('no verdict stands on a part of the runs, and runs that diverged before their first row are judged too', () => {
  for (const claim of claims.filter(isTrained)) {
    const runs = claim
      .specs('tiny', 1)
      .map((input): RunResult => ({ spec: parseSpec(input), status: 'diverged', series: collector(claim.metrics).series }));
    claim.judge(runs, 1);
    const going = runs.map((run, i): RunResult => (i === 0 ? { ...run, status: 'running' } : run));
    for (const some of [runs.slice(0, 1), runs.slice(0, -1), going])
      assert.equal(verdictOf(judgedSoFar(claim, some, runs.length, 1)), 'inconclusive', `${claim.name}: ${some.length} of ${runs.length}`);
  }
  const [trained] = claims.filter(isTrained);
  const sure = { ...trained!, judge: () => finding([1, 1], [0, 2]) };
  const run: RunResult = { spec: parseSpec(trained!.example), status: 'finished', series: collector([]).series };
  const verdict = (runs: readonly RunResult[], wanted: number) => verdictOf(judgedSoFar(sure, runs, wanted, 1));
  assert.equal(verdict([run, run], 2), 'reproduced');
  assert.equal(verdict([run], 2), 'inconclusive');
  for (const status of ['queued', 'running', 'paused', 'stopped', 'crashed'] as const)
    assert.equal(verdict([run, { ...run, status }], 2), 'inconclusive', status);
});

test('claims are words, formulas that typeset, and specs to change one thing of', () => {
  assert.equal(new Set(claims.map(({ name }) => name)).size, claims.length);
  for (const { statement, recipe, formula, assumptions, example } of claims) {
    assert.ok(statement.length > 40 && recipe.length > 40 && assumptions.length > 0);
    katex.renderToString(formula, { throwOnError: true, strict: 'error' });
    parseSpec(example);
  }
});

test('every claim has a planted fault among the tests of its paper', () => {
  const folders = ['.', '../../workers/papers'].map((folder) => new URL(`${folder}/`, import.meta.url));
  const faults = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.test.ts') && !['papers.test.ts', 'claims.test.ts'].includes(name))
      .map((name) => readFileSync(new URL(name, folder), 'utf8')),
  );
  const without = claims.filter(({ name }) => !faults.some((text) => text.includes(`/claims/${name}.ts'`))).map(({ name }) => name);
  assert.deepEqual(without, []);
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
  const found = measured(simulated('regimes'), 'tiny');
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
