/** @file End to end: the built product on an empty embedded database, in Chromium. Started by `npm test`, which builds first. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig, devices } from '@playwright/test';

// the config is read again in every worker process; the first one decides
process.env.PLATEAU_E2E_DATA ??= mkdtempSync(join(tmpdir(), 'plateau-e2e-'));
process.env.PLATEAU_E2E_PORT ??= String(20_000 + (process.pid % 20_000));
const url = `http://127.0.0.1:${process.env.PLATEAU_E2E_PORT}`;

export default defineConfig({
  testDir: '.',
  testMatch: '*.e2e.ts',
  outputDir: '../test-results',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 60_000 }, // two cores train, serve and draw at once
  use: {
    ...devices['Desktop Chrome'],
    baseURL: url,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.PLATEAU_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: `${process.execPath} server/main.ts --data ${process.env.PLATEAU_E2E_DATA} --port ${process.env.PLATEAU_E2E_PORT} --workers 1`,
    cwd: '..',
    url,
    timeout: 120_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 20_000 },
    stdout: 'pipe',
  },
});
