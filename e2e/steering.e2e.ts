/** @file A person steers: pause, resume and stop from the page; notes are edited, resolved, linked to and deleted. */
import { expect, test, type Page } from '@playwright/test';

async function created(page: Page, title: string, spec: object): Promise<string> {
  await page.goto('/');
  const answer = await page.request.post('/graphql', {
    headers: { origin: new URL(page.url()).origin },
    data: {
      query: 'mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { id } }',
      variables: { input: { title, question: '', spec } },
    },
  });
  return `/experiments/${((await answer.json()) as { data: { createExperiment: { id: string } } }).data.createExperiment.id}`;
}

test('a run is paused, resumed and stopped from the page', async ({ page }) => {
  await page.goto(await created(page, 'A long run', { network: { kind: 'mlpChain', depth: 3, width: 16 }, steps: 5_000_000 }));
  const status = page.getByTestId('experiment-status');
  await expect(status).toContainText('running', { timeout: 120_000 });
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(status).toContainText('paused', { timeout: 60_000 });
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(status).toContainText('running', { timeout: 60_000 });
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(status).toContainText('stopped', { timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Stop' })).toBeHidden();
});

test('a note is edited, resolved, found by its link and deleted', async ({ page }) => {
  await page.goto(await created(page, 'A short run', { network: { kind: 'mlpChain', depth: 2, width: 8 }, steps: 50 }));
  await expect(page.getByTestId('experiment-status')).toContainText('finished', { timeout: 120_000 });
  await page.getByRole('button', { name: 'Set your name' }).click();
  await page.getByRole('textbox', { name: 'Display name' }).fill('Grace');
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.getByRole('textbox', { name: 'Note' }).fill('A first thought.');
  await page.getByRole('button', { name: 'Add note' }).click();
  const note = page.locator('.note').first();
  await expect(note).toContainText('A first thought.');
  await note.getByRole('button', { name: 'edit', exact: true }).click();
  await note.getByRole('textbox', { name: 'Edit' }).fill('A second thought.');
  await note.getByRole('button', { name: 'Save' }).click();
  await expect(note).toContainText('A second thought.');
  await expect(note).toContainText('edited');
  await note.getByRole('button', { name: /^loss, steps/ }).click();
  await expect(page).toHaveURL(/note=/);
  const address = page.url();
  await note.getByRole('button', { name: 'resolve', exact: true }).click();
  await page.goto('/');
  await page.goto(address);
  await expect(page.locator('.note[data-open="true"]')).toContainText('A second thought.');
  await page.getByRole('button', { name: 'delete', exact: true }).click();
  await page.getByRole('button', { name: 'really delete' }).click();
  await expect(page.locator('.note')).toHaveCount(0);
});
