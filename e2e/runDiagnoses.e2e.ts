/** @file Diagnoses: a run that vanishes says so on its page, shows where, and offers a way out; the matrix says how often that is right. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

test('a deep narrow chain is told to vanish, with layers, the paper and a spec to try', async ({ page, request, baseURL }) => {
  const spec = {
    network: { kind: 'mlpChain', depth: 40, width: 8 },
    dataset: { kind: 'gaussianMixture', classes: 4, inputs: 16, train: 512, heldOut: 64 },
    optimizer: { kind: 'sgd', learningRate: 0.05 },
    steps: 80,
    curvature: { enabled: false },
  };
  const query = 'mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { id runs { id } } }';
  const answer = await request.post('/graphql', {
    data: { query, variables: { input: { title: 'A chain that vanishes', question: '', spec } } },
    headers: { origin: baseURL! },
  });
  const { createExperiment } = ((await answer.json()) as { data: { createExperiment: { id: string; runs: { id: string }[] } } }).data;
  await page.goto(`/runs/${createExperiment.runs[0]!.id}`);
  const card = page.getByTestId('diagnosis-vanishingGradients');
  await expect(card).toContainText(/fall.* by 10/, { timeout: 150_000 });
  await expect(card.getByRole('link', { name: /Orvieto/ })).toHaveAttribute('href', '/papers/orvieto2022vanishing');
  await card.getByRole('button', { name: /show step/ }).click();
  await expect(page).toHaveURL(/follow=0.*evidence=\d+-\d+%3A\d+/);
  await expect(page.getByText(/^evidence: steps .* layers /)).toBeVisible();
  await page.reload(); // the address restores it
  await card.getByRole('button', { name: /^showing step/ }).click();
  await expect(page).not.toHaveURL(/evidence=/);
  await card.getByRole('link', { name: 'try it' }).first().click();
  await expect(page).toHaveURL(/\/new#/);
  await expect(page.getByLabel('Title')).toHaveValue(/vanishing gradients/);
  await expect(page.getByRole('button', { name: 'Start 1 run' })).toBeEnabled();
});

test('the matrix shows every diagnosis against every condition', async ({ page }) => {
  await page.goto('/catalog/diagnosis');
  const matrix = page.getByRole('table').first();
  await expect(matrix).toContainText('Vanishing gradients');
  await expect(matrix).toContainText('Stationary');
  const confusion = page.locator('.confusion');
  const columns = await confusion.locator('thead a').allTextContents();
  await expect(confusion.locator('tbody th')).toHaveText(['Healthy', ...columns]); // what was injected and found stands on the diagonal
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target}`)).toEqual([]);
});
