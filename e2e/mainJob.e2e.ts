/** @file The main job: a person starts the demonstration, watches every layer live, and a second person answers a note. */
import { expect, test, type Page } from '@playwright/test';

test.describe.configure({ mode: 'serial' });

let experiment = '';

async function nameMyself(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Set your name' }).click();
  await page.getByRole('textbox', { name: 'Display name' }).fill(name);
  await page.getByRole('button', { name: 'Save name' }).click();
  await expect(page.getByRole('button', { name })).toBeVisible();
}

test('an empty server offers one button, and it starts nine paired runs', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'No experiments yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Start the demonstration' }).click();
  await page.waitForURL(/\/experiments\//);
  experiment = new URL(page.url()).pathname;
  await expect(page.getByRole('heading', { level: 1 })).toContainText('WD against WRS');
  await expect(page.getByText('running').first()).toBeVisible();
});

test('curves and the layer map are drawn while it trains, and the page says it is live', async ({ page }) => {
  await page.goto(experiment);
  await expect(page.getByRole('status', { name: 'connection: live' })).toBeVisible();
  const map = page.getByRole('img', { name: /gradient norm by layer and step/i }).first();
  await map.scrollIntoViewIfNeeded(); // charts out of sight ask for nothing
  await expect(map.locator('.hm image, image').first()).toBeVisible();
});

test('a note is seen at once in another browser, and its answer comes back', async ({ browser }) => {
  const [first, second] = [await browser.newContext(), await browser.newContext()];
  const [ada, emmy] = [await first.newPage(), await second.newPage()];
  await ada.goto(experiment);
  await emmy.goto(experiment);
  await nameMyself(ada, 'Ada');
  await nameMyself(emmy, 'Emmy');
  await ada.getByRole('textbox', { name: 'Note' }).first().fill('The weights of $\\lambda$ fall here.');
  await ada.getByRole('button', { name: 'Add note' }).click();
  const note = emmy.getByText('fall here', { exact: false }).first();
  await expect(note).toBeVisible();
  await emmy.getByRole('button', { name: 'reply', exact: true }).first().click();
  await emmy.getByRole('textbox', { name: 'Reply' }).fill('Under WD only.');
  await emmy.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect(ada.getByText('Under WD only.')).toBeVisible();
  await first.close();
  await second.close();
});

test('a run tells its spec, why its runtime was chosen, and the command that repeats it', async ({ page }) => {
  await page.goto(experiment);
  await page.locator('a[href^="/runs/"]').first().click();
  await expect(page.getByRole('heading', { name: 'Repeat it' })).toBeVisible();
  await expect(page.getByText('plateau run', { exact: false }).first()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Which runtime, and why' })).toBeVisible();
  await expect(page.getByRole('cell', { name: /onnx/ }).first()).toBeVisible();
});

test('the runs of the demonstration finish', async ({ page }) => {
  test.setTimeout(900_000); // nine runs of some 15 s each on a quiet core, much longer on a busy one
  await page.goto('/');
  await expect(page.getByText('9 of 9 runs done')).toBeVisible({ timeout: 840_000 });
  await expect(page.getByText('finished').first()).toBeVisible();
});
