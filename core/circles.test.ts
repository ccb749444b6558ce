/** @file No circle of imports: whichever file of core is loaded first, what it imports is there. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = import.meta.dirname;

/** Files of core that a file loads; types are gone when it runs. */
function loaded(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export) (?!type\b)(\{[^}]*\}|\* as \w+|\w+)? ?(?:from )?'(\.{1,2}\/[^']+\.ts)';/gm);
  return [...statements].flatMap(([, names = '', path]) => {
    const onlyTypes =
      names.startsWith('{') &&
      names
        .slice(1, -1)
        .split(',')
        .every((name) => name.trim() === '' || name.trim().startsWith('type '));
    return onlyTypes ? [] : [join(dirname(file), path!)];
  });
}

test('core has no circle of imports', () => {
  const files = globSync('**/*.ts', { cwd: root });
  assert.ok(files.length > 300);
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) assert.fail(`a circle: ${[...trail.slice(at), file].join(' → ')}`);
    if (done.has(file)) return;
    for (const next of loaded(file)) walk(next, [...trail, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  assert.deepEqual(loaded('catalog.ts').includes('metrics/index.ts'), true, 'imports are found');
});
