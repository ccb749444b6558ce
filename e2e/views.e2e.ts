/** @file Working with a page of charts: zoom, scales, undo, tables, downloads, comparison, the palette; and the address that restores it all. */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

test.describe.configure({ mode: 'serial' });

let experiment = '';

/** Two short runs that differ in the regularizer, finished. */
test.beforeAll(async ({ request, baseURL }) => {
  const spec = {
    network: { kind: 'mlpChain', depth: 3, width: 16, normalization: 'batchNorm' },
    steps: 400,
    curvature: { enabled: false },
  };
  const grid = [{ path: 'regularizer', values: ['none', 'weightRescaling'] }];
  const ask = async (query: string, variables: object) => {
    const answer = await request.post('/graphql', { data: { query, variables }, headers: { origin: baseURL! } });
    return ((await answer.json()) as { data: Record<string, { id: string; status: string }> }).data;
  };
  const input = { title: 'Views of two runs', question: '', spec, grid };
  const { createExperiment } = await ask('mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { id } }', { input });
  experiment = `/experiments/${createExperiment!.id}`;
  await expect
    .poll(async () => (await ask('query ($id: ID!) { experiment(id: $id) { status } }', { id: createExperiment!.id })).experiment!.status, {
      timeout: 240_000,
    })
    .toBe('finished');
});

async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const plot = page.getByTestId('chart-loss').locator('.plot').first();
  await expect(plot.locator('.scatterlayer path').first()).toBeVisible();
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  const place = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...place(from));
  await page.mouse.down();
  await page.mouse.move(...place(to), { steps: 6 });
  await page.mouse.up();
}

test('a drag zooms, alt-drag zooms the other axis, and the address restores both', async ({ page }) => {
  await page.goto(experiment);
  await drag(page, [0.3, 0.4], [0.6, 0.45]);
  await expect(page).toHaveURL(/from=\d+&to=\d+/);
  await page.keyboard.down('Alt');
  await drag(page, [0.4, 0.3], [0.42, 0.6]);
  await page.keyboard.up('Alt');
  await expect(page).toHaveURL(/y=loss/);
  await page.getByTestId('chart-loss').getByRole('button', { name: 'log' }).click();
  await expect(page).toHaveURL(/scale=loss%3Alinear/);
  const [address, chip] = [page.url(), await page.locator('.bar-tools .chip').textContent()];
  await page.goto('/');
  await page.goto(address);
  await expect(page.locator('.bar-tools .chip')).toHaveText(chip!);
  await expect(page.getByTestId('chart-loss').getByRole('button', { name: 'linear' })).toBeVisible();
});

test('changes of the view can be taken back and brought again', async ({ page }) => {
  await page.goto(experiment);
  await drag(page, [0.3, 0.4], [0.6, 0.45]);
  await expect(page).toHaveURL(/from=/);
  await page.keyboard.press('Control+z');
  await expect(page).not.toHaveURL(/from=/);
  await page.keyboard.press('Control+Shift+Z');
  await expect(page).toHaveURL(/from=/);
});

test('the chosen runs are compared alone, by mouse or by key', async ({ page }) => {
  await page.goto(experiment);
  await page.getByRole('checkbox', { name: /compare WRS/ }).check();
  await expect(page).toHaveURL(/runs=/);
  await expect(page.getByText('1 of 2 compared above')).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('c');
  await expect(page).not.toHaveURL(/runs=/);
});

test('the runs are sorted by a column, the address says by which, and a change of it can be taken back', async ({ page }) => {
  await page.goto(experiment);
  const losses = async () =>
    (await page.locator('tbody td[data-label="final loss"]').allTextContents()).map((text) => Number(text.replace('−', '-')));
  const header = page.getByRole('columnheader', { name: 'final loss' });
  await header.getByRole('button').click();
  await expect(header).toHaveAttribute('aria-sort', 'ascending');
  const rising = await losses();
  expect(rising).toEqual(rising.toSorted((a, b) => a - b));
  await header.getByRole('button').click();
  await expect(page).toHaveURL(/sort=-loss/);
  expect(await losses()).toEqual(rising.toReversed());
  await page.keyboard.press('Control+z');
  await expect(header).toHaveAttribute('aria-sort', 'ascending');
});

test('a chart has a table with its numbers, a CSV with all of them, and a picture', async ({ page }) => {
  await page.goto(experiment);
  const chart = page.getByTestId('chart-loss');
  await expect(chart.locator('.scatterlayer path').first()).toBeVisible();
  for (const id of ['chart-loss', 'chart-heldOutAccuracy']) await expect(page.getByTestId(id).locator('.annotation-text')).toHaveCount(2);
  const choose = async (name: string) => {
    await chart.getByRole('button', { name: /more/ }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  const saved = async (name: string) => {
    const [download] = await Promise.all([page.waitForEvent('download'), choose(name)]);
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  };
  const csv = await saved('Download CSV');
  const lines = csv.bytes.toString('utf8').trim().split('\n');
  expect(csv.name).toBe('loss.csv');
  expect(lines[0]).toMatch(/^step,/);
  expect(lines.length).toBe(401);
  const png = await saved('Download PNG');
  expect([...png.bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  expect((await saved('Download SVG')).bytes.toString('utf8')).toContain('<svg');
  await choose('Show table');
  await expect(chart.getByRole('cell').first()).toHaveText('0');
  await page.keyboard.press('t');
  await expect(chart.locator('.scatterlayer path').first()).toBeVisible();
});

test('keys walk through the charts, fill the window with one, and are told by ?', async ({ page }) => {
  await page.goto(experiment);
  await expect(page.getByTestId('chart-loss')).toBeVisible();
  await page.keyboard.press(']');
  await expect(page.getByTestId('chart-loss')).toBeFocused();
  await page.keyboard.press('f');
  await expect(page.getByRole('button', { name: 'Back to the page' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Back to the page' })).toBeHidden();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Next chart');
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await expect(page.getByRole('textbox', { name: 'Note' })).toBeFocused();
});

test('the palette finds charts, experiments, entries of the catalog and actions', async ({ page }) => {
  await page.goto(experiment);
  await expect(page.getByTestId('chart-loss')).toBeVisible();
  const find = async (words: string) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search' }).fill(words);
  };
  await find('weight norm by');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('chart-weightNorm-layers')).toBeFocused();
  await find('glorot');
  await expect(page.getByRole('option', { name: /Glorot/ }).first()).toBeVisible();
  await page.keyboard.press('Escape');
  await find('zzzz');
  await expect(page.getByText('Nothing here is called “zzzz”')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.goto('/');
  await find('two runs');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(experiment));
});

test('a page that cannot be drawn says so, and is drawn again', async ({ page }) => {
  await page.goto(experiment);
  const run = (await page.locator('tbody a').first().getAttribute('href'))!;
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    await route.fulfill({ response, body: body.includes('"specHash"') ? body.replace(/"step":\d+/, '"step":null') : body });
  });
  await page.goto(run);
  await expect(page.getByRole('heading', { name: 'This page could not be drawn' })).toBeVisible();
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Draw it again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /seed 1/ })).toBeVisible();
});

test('on a phone the runs are cards and nothing sticks out', async ({ browser }) => {
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await phone.newPage();
  for (const path of ['/', experiment, '/new', '/catalog', '/catalog/optimizer']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect((await page.locator('.header').boundingBox())!.height).toBeLessThanOrEqual(88); // two rows: tools, places
  }
  await page.goto(experiment);
  await expect(page.getByRole('columnheader', { name: 'seed' })).toBeHidden();
  await expect(page.getByText('final loss').first()).toBeAttached();
  const plot = page.getByTestId('chart-loss').locator('.plot').first();
  await expect(plot.locator('.scatterlayer path').first()).toBeVisible();
  await plot.tap({ position: { x: 180, y: 90 } });
  await expect(page.getByTestId('readout')).toContainText(/Loss\s*step \d+/);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual([]);
  await phone.close();
});

test('theory is drawn over data from the menu, an unmet assumption is named, and the address restores the line', async ({ page }) => {
  await page.goto(experiment);
  const profile = page.getByTestId('chart-gradNorm-depth');
  await profile.getByRole('button', { name: /: more$/ }).click();
  await expect(page.getByRole('menuitem', { name: /Gradients flat across depth/ })).toContainText('needs normalization none');
  await page.keyboard.press('Escape');
  const norms = page.getByTestId('chart-weightNorm-layers');
  await norms.getByRole('button', { name: /: more$/ }).click();
  await page.getByRole('menuitemcheckbox', { name: /Norm under weight rescaling/ }).click();
  await page.keyboard.press('Escape');
  await expect(norms.locator('.chart-caption')).toContainText('dashed: norm under weight rescaling');
  await expect(page).toHaveURL(/theory=weightNorm-layers%3ArescaledNorm/);
  await page.reload();
  await expect(norms.locator('.chart-caption')).toContainText('dashed: norm under weight rescaling');
});

test('a figure drawn dark is light while it is printed, however that was asked for, and dark again after', async ({ browser }) => {
  const context = await browser.newContext({ colorScheme: 'dark' });
  const page = await context.newPage();
  await page.goto(experiment);
  const tick = page.getByTestId('chart-loss').locator('.xtick text').first();
  const colour = () => tick.evaluate((text: SVGElement) => text.style.fill);
  await expect(tick).toBeVisible();
  expect(await colour()).toBe('rgb(154, 165, 161)');
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  expect(await colour()).toBe('rgb(92, 101, 98)');
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  expect(await colour()).toBe('rgb(154, 165, 161)');
  await context.close();
});
