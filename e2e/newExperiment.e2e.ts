/** @file Designing an experiment: form and JSON agree, faults stand at their field, the view fits a phone. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

test('a fault stands at its field and the JSON changes the form', async ({ page }) => {
  await page.goto('/new');
  const depth = page.getByLabel(/^Depth/);
  await expect(depth).toHaveValue('10');
  await depth.fill('1000000000');
  await expect(page.getByRole('alert').filter({ hasText: 'must be an integer from 1 to 1000, got 1000000000' })).toBeVisible();
  await depth.fill('3');
  await expect(page.locator('.fault')).toHaveCount(0); // Next keeps an alert of its own for the names of pages
  const json = page.getByLabel('Spec as JSON');
  await expect(json).toHaveValue(/"depth": 3/);
  await json.fill((await json.inputValue()).replace('"depth": 3', '"depth": 4'));
  await expect(depth).toHaveValue('4');
  await page.getByLabel('Regularizer').selectOption('weightRescaling');
  await expect(page.getByRole('alert').filter({ hasText: 'nothing to act on here' })).toBeVisible();
});

test('the form shows what short JSON leaves out, and nothing starts from what cannot be read', async ({ page }) => {
  await page.goto('/new');
  await page.getByLabel('Title').fill('Short');
  const json = page.getByLabel('Spec as JSON');
  await expect(json).toHaveValue(/"mlpChain"/);
  await json.fill('{ "steps": 50, "network": { "kind": "vgg" } }');
  await expect(page.getByLabel('Network', { exact: true })).toHaveValue('vgg');
  await expect(page.getByLabel('Optimizer', { exact: true })).toHaveValue('sgd');
  await expect(page.getByLabel('Activation', { exact: true })).toHaveValue('relu');
  await expect(page.getByRole('button', { name: 'Start 3 runs' })).toBeEnabled();
  await json.fill('{ "steps": ');
  await expect(page.getByText('The JSON below cannot be read yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Start \d/ })).toBeDisabled();
  await json.fill('{ "steps": 50 }');
  await page.getByLabel('Values of seed').fill('1, 2,');
  await expect(page.getByText('The values of seed cannot be read yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Start \d/ })).toBeDisabled();
  await page.getByLabel('Values of seed').fill('1, 2');
  await expect(page.getByRole('button', { name: 'Start 2 runs' })).toBeEnabled();
});

test('a small experiment designed by hand trains to its end', async ({ page }) => {
  await page.goto('/new');
  await page.getByLabel('Title').fill('A short one');
  await page.getByLabel(/^Steps/).fill('50');
  await page.getByLabel('Values of seed').fill('7');
  await page.getByRole('button', { name: 'Start 1 run' }).click();
  await page.waitForURL(/\/experiments\//);
  await expect(page.getByText('finished').first()).toBeVisible({ timeout: 170_000 });
});

test('the learning rate that is too large ends as diverged and says so', async ({ page }) => {
  await page.goto('/new');
  await page.getByLabel('Title').fill('Too fast');
  await page
    .getByLabel(/^Learning rate η|^Learning rate/)
    .first()
    .fill('1e20');
  await page.getByLabel(/^Steps/).fill('500');
  await page.getByLabel('Values of seed').fill('1');
  await page.getByRole('button', { name: 'Start 1 run' }).click();
  await page.waitForURL(/\/experiments\//);
  await expect(page.getByText('diverged').first()).toBeVisible({ timeout: 170_000 });
});

for (const path of ['/', '/new', '/catalog', '/catalog/optimizer', '/catalog/activation/gelu', '/inspect'])
  test(`${path} fits a phone and has no serious fault of accessibility`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText(/^Asking for/)).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    ).toEqual([]);
  });
