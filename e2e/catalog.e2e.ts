/** @file The catalog: every entry has a page, those that compute something show it, and the picture follows the options. */
import { expect, test } from '@playwright/test';

test('an entry is found in the list and draws itself; its options change the picture, a wrong one is named', async ({ page }) => {
  await page.goto('/catalog');
  const search = page.getByRole('searchbox');
  await expect(async () => {
    await page.keyboard.press('/'); // heard once the page is awake
    await expect(search).toBeFocused({ timeout: 500 });
  }).toPass();
  await search.fill('leaky spirals');
  await expect(page.getByRole('status').filter({ hasText: '0 of' })).toBeVisible();
  await search.fill('negative through');
  await expect(page.getByRole('status').filter({ hasText: '1 of' })).toBeVisible();
  await page.getByRole('link', { name: 'Leaky ReLU' }).click();
  await page.waitForURL(/\/catalog\/activation\/leakyRelu/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Leaky ReLU');
  const picture = page.getByRole('img', { name: /^Leaky ReLU/ });
  const curve = picture.locator('path').first();
  const before = await curve.getAttribute('d');
  await page.getByLabel(/slope/i).fill('0.5');
  await expect(curve).not.toHaveAttribute('d', before!);
  await page.getByText('Numbers', { exact: false }).click();
  await expect(page.getByRole('cell', { name: '−2', exact: true }).first()).toBeVisible(); // half of -4
  await page.getByLabel(/slope/i).fill('-7000');
  await expect(page.getByText('must be a number from 0 to 1, got -7000')).toBeVisible();
});

for (const [path, name] of [
  ['/catalog/init/glorot', /weights of one hidden kernel/],
  ['/catalog/schedule/cosine', /Factor on the learning rate/],
  ['/catalog/dataset/spirals', /coloured by class/],
  ['/catalog/dataset/glyphs', /One sample of each class/],
  ['/catalog/loss/hinge', /Two classes/],
  ['/catalog/optimizer/momentum', /Its path on .* 49 steps/],
  ['/catalog/regularizer/weightRescaling', /Norm of a kernel in front of a batch normalization/],
] as const)
  test(`${path} shows its picture`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByRole('img', { name })).toBeVisible();
  });

test('a name that the catalog does not have is said to be unknown', async ({ page }) => {
  await page.goto('/catalog/activation/nonsense');
  await expect(page.getByText('has no activation called nonsense')).toBeVisible();
});

test('a kind is a page of cards, each with its formula and its picture', async ({ page }) => {
  await page.goto('/catalog');
  await page.getByRole('heading', { name: 'Regularizers' }).getByRole('link').click();
  await page.waitForURL(/\/catalog\/regularizer$/);
  await expect(page.getByRole('article')).toHaveCount(6);
  await expect(page.getByRole('img', { name: /^Weight decay \(L2\): / })).toBeVisible();
  await page.getByRole('link', { name: 'Weight decay (L2)' }).click();
  await page.waitForURL(/\/catalog\/regularizer\/l2$/);
});
