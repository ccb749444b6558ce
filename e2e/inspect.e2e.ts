/** @file Inspect: an example is answered with numbers and charts; a fault stands under the question with its field. */
import { expect, test } from '@playwright/test';

test('an example is one click away, a fault names its field', async ({ page }) => {
  await page.goto('/inspect');
  await page.getByRole('button', { name: 'XOR, two layers' }).click();
  await expect(page.getByRole('region', { name: 'Hessian', exact: true })).toContainText(/trace\s*3\.223261319/);
  await expect(page.getByTestId('chart-hessian-spectrum')).toContainText('13 eigenvalues, 7 of them negative');
  await page.getByLabel('Question').fill('{"layers": [');
  await page.getByRole('button', { name: 'Inspect', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'the question is not JSON' })).toBeVisible();
  await expect(page.getByTestId('facts')).toBeHidden(); // the answer was to another question
  await page.getByLabel('Question').fill('{"layers": [{"type": "lstm"}], "inputs": [[1]], "ask": ["loss"]}');
  await page.getByRole('button', { name: 'Inspect', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'layers[0].type' })).toContainText('got "lstm"');
});
