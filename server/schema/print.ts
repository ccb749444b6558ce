/** @file Prints the GraphQL schema into server/schema.graphql; `--check` only says whether that file is fresh. */
import { readFile, writeFile } from 'node:fs/promises';
import { printed } from './schema.ts';

const file = new URL('../schema.graphql', import.meta.url);
if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8').catch(() => '')) !== printed) {
    console.error('server/schema.graphql is stale; run: node server/schema/print.ts');
    process.exitCode = 1;
  }
} else {
  await writeFile(file, printed);
}
