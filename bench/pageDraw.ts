/**
 * @file The first chart: from the click on a link to the drawn layer map of a run of 100 layers and 20,000 steps, in Chromium, with the built pages.
 *
 * `node bench/pageDraw.ts [--chromium /usr/bin/chromium]`; the pages must have been built (npm start does it).
 */
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { subject } from '#server/subject.ts';
import { createTestWorker, series, startTestServer } from '#server/testing.ts';

const [layers, steps, rowsPerChunk] = [100, 20_000, 500];

export async function pageDraw({ executable = '/usr/bin/chromium', repeats = 5 } = {}) {
  const server = await startTestServer({ pages: true, subject });
  const browser = await chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
  try {
    const { runs } = await server.experiment([1], { steps });
    const worker = await createTestWorker(server, 'bench');
    const run = (await worker.claim())!;
    await worker.report(run, {
      status: 'running',
      facts: {
        layers: Array.from({ length: layers }, (_, l) => ({ name: `layer${l + 1}`, kind: 'hidden', scaleInvariant: false })),
        metrics: [{ name: 'gradNorm', axes: ['layer'], width: layers }],
      },
    });
    for (let from = 0, seq = 0; from < steps; from += rowsPerChunk, seq++)
      await worker.append(run, [series('gradNorm', { attempt: run.attempt, seq, from, rows: rowsPerChunk, width: layers })]);
    await worker.report(run, { status: 'finished', step: steps, reason: 'all steps done' });
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const times: number[] = [];
    for (let i = 0; i < repeats + 1; i++) {
      await page.goto(server.url);
      const start = performance.now();
      await page.goto(`${server.url}/runs/${runs[0]}`, { waitUntil: 'commit' });
      await page.locator('.js-plotly-plot .heatmaplayer image, .js-plotly-plot .hm').first().waitFor({ state: 'attached' });
      if (i > 0) times.push(Math.round(performance.now() - start)); // the first one fills the browser's cache and the server's buckets
    }
    return { layers, steps, firstChartMs: { median: times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!, worst: times.at(-1)! } };
  } finally {
    await browser.close();
    await server.end();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { chromium: { type: 'string' } } });
  console.log(JSON.stringify(await pageDraw(values.chromium ? { executable: values.chromium } : {}), null, 2));
}
