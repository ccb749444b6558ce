/** @file Papers: the board, an article, a claim that is measured while one looks, its numbers as a file, and the form with one thing to change. */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

const paper = '/papers/orvieto2022vanishing';

test('the board has a mark for every claim, which says in words where it stands, and leads to it', async ({ page }) => {
  await page.goto('/papers');
  await expect(page.getByRole('heading', { name: 'Five papers' })).toBeVisible();
  await expect(page.getByTestId('counts')).toContainText(/\d+ reproduced/);
  const row = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: /^Vanishing curvature/ }) });
  const mark = row.getByRole('link', { name: /^A product of random weights.* recorded by the maintainers/ });
  await mark.focus();
  await expect(mark.locator('.mark-words')).toHaveCSS('opacity', '1');
  await mark.press('Enter');
  await page.waitForURL(/orvieto2022vanishing#chainMedians$/);
  await expect(page.getByRole('heading', { level: 2, name: /A product of random weights/ })).toBeInViewport();
});

test('a claim is measured from the page until its verdict stands', async ({ page }) => {
  await page.goto(paper);
  const claim = page.locator('#chainMedians');
  await expect(claim).toContainText('recorded by the maintainers');
  await claim.getByLabel('seed').fill('7');
  await claim.getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(claim).toContainText(/seed 7 .*measured on this server .*took/);
  await expect(page.getByTestId('verdict-chainMedians')).toContainText(/reproduced|contradicted/);
  await expect(claim.getByLabel('Shown').locator('option')).toContainText([
    'the newest',
    'quick, seed 7',
    'as the maintainers recorded it',
  ]);
  await page.goto('/papers');
  await expect(page.locator('.mark-link[data-here]').first()).toContainText('measured on this server');
});

test('a claim that came out against the paper says so over both accounts, another what differs', async ({ page }) => {
  await page.goto(paper);
  await expect(page.locator('#normalizationRescues').getByRole('note')).toContainText('Where the paper and our measurement disagree');
  await expect(page.locator('#hollowHessian').getByRole('note')).toContainText('What differs from the paper');
});

test('a measurement that takes long is stopped, and the claim stands where it stood', async ({ page }) => {
  await page.goto('/papers/marion2022scaling');
  const claim = page.locator('#smoothThreshold');
  const badge = claim.locator('.claim-head .verdict');
  const before = (await badge.textContent())!;
  await claim.getByLabel('Budget').selectOption('full');
  await claim.getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(badge).toHaveText('measuring');
  await expect(claim.getByRole('progressbar')).toBeVisible();
  await expect(claim).toContainText(/seed 1 .* so far/); // points land before the end, and no number stands on a part of them
  await expect(claim.getByRole('group', { name: 'Estimates' })).toBeHidden();
  await claim.getByRole('button', { name: 'Stop' }).click();
  await expect(claim).toContainText('The last measurement was stopped');
  await expect(badge).toHaveText(before);
});

test('a figure gives its numbers as a file and as a table', async ({ page }) => {
  await page.goto(paper);
  const figure = page.getByTestId('chart-chainMedians-1');
  await expect(figure.locator('.scatterlayer path').first()).toBeVisible();
  await figure.getByRole('button', { name: /: more$/ }).click();
  const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Download CSV' }).click()]);
  const lines = (await readFile(await csv.path(), 'utf8')).trim().split('\n');
  expect(lines[0]).toMatch(/^curve,depth,.*,low,high,predicted/);
  expect(lines.length).toBeGreaterThan(3);
  await figure.getByRole('button', { name: /: more$/ }).click();
  const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Download SVG' }).click()]);
  expect(await readFile(await svg.path(), 'utf8')).toContain('<svg');
  await figure.getByRole('button', { name: /: more$/ }).click();
  await page.getByRole('menuitem', { name: 'Show table' }).click();
  await expect(figure.getByRole('table')).toContainText('predicted');
});

test('one thing is changed: the form opens with the recipe', async ({ page }) => {
  await page.goto(paper);
  await page.locator('#adaptiveEscape').getByRole('link', { name: 'Change one thing' }).click();
  await page.waitForURL(/\/new#/);
  await expect(page.getByLabel('Title')).toHaveValue(/one thing changed$/);
  await expect(page.getByLabel('Spec as JSON')).toHaveValue(/"kind": "adam"/);
  await expect(page.getByRole('button', { name: 'Start 3 runs' })).toBeEnabled();
});

for (const path of ['/papers', paper])
  test(`${path} fits a phone and has no serious fault of accessibility`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('status', { name: 'connection: live' })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    ).toEqual([]);
  });
