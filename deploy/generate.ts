/** @file Writes the index of every catalog folder: `npm run generate`; with `--check` it writes nothing and fails where an index is stale. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folders, indexText, root } from './folders.ts';

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const folder of folders()) {
  const path = join(folder.path, 'index.ts');
  const text = indexText(folder);
  let before: string | null = null;
  try {
    before = readFileSync(join(root, path), 'utf8');
  } catch {
    // not there yet
  }
  if (before === text) continue;
  stale.push(path);
  if (!check) writeFileSync(join(root, path), text);
}
if (check && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}; run: npm run generate`);
  process.exitCode = 1;
} else console.log(stale.length > 0 ? `written: ${stale.join(', ')}` : 'indexes are fresh');
