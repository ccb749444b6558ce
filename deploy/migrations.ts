/** @file Fails where drizzle/schema.ts asks for a migration that is not committed: lets drizzle-kit write into a copy and looks whether it did. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './folders.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'plateau-migrations-'));
try {
  const committed = path.join(root, 'drizzle', 'migrations');
  cpSync(committed, scratch, { recursive: true });
  const kit = path.join(root, 'node_modules', 'drizzle-kit', 'bin.cjs');
  const out = path.relative(root, scratch); // drizzle-kit joins it to the folder it runs in
  const said = execFileSync(process.execPath, [kit, 'generate', '--dialect=postgresql', '--schema=./drizzle/schema.ts', `--out=${out}`], {
    cwd: root,
  });
  const fresh = readdirSync(scratch).filter((name) => !readdirSync(committed).includes(name));
  if (fresh.length === 0 && !said.toString().includes('No schema changes'))
    throw new Error(`drizzle-kit did not say what it found: ${said.toString()}`);
  if (fresh.length > 0)
    throw new Error('drizzle/schema.ts has changes without a migration; run: npx drizzle-kit generate --config drizzle/config.ts');
  console.log('migrations are fresh');
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
