/** @file Every claim gives the verdict that is recorded: its tiny version always, the quick one among the long tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Paper } from '#core/define.ts';
import { verdictOf, type Budget } from '#core/papers/claim.ts';
import { findingToJson } from '#core/papers/findingJson.ts';
import { papers } from '#core/papers/index.ts';
import { measureClaim } from '../measureClaim.ts';

const budget: Budget = process.env.PLATEAU_LONG ? 'quick' : 'tiny';

for (const { card, claims, recorded } of Object.values(papers) as Paper[])
  for (const claim of claims)
    test(`${card.name}, ${budget}: ${claim.title}`, async () => {
      const finding = await measureClaim(claim, budget, 1);
      assert.equal(verdictOf(finding), recorded[claim.name]?.verdict, JSON.stringify(findingToJson(finding, 4).estimates, null, 1));
      for (const { name, value, interval } of finding.estimates)
        assert.ok(
          interval[0] <= value + 1e-9 * Math.abs(value) && value <= interval[1] + 1e-9 * Math.abs(value),
          `${name}: ${value} outside ${interval}`,
        );
      assert.ok(finding.curves.length > 0 && finding.curves.every(({ points }) => points.length > 0)); // of few arms each may be a point
    });
