/** @file How `npm test` shows node:test: failures in full, the rest as a count, which also goes to the file named in PLATEAU_COUNTS. */
import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';

export default async function* report(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') continue;
    if (data?.details?.type === 'suite') continue;
    if (type === 'test:pass') counts[data.skip !== undefined || data.todo !== undefined ? 'skipped' : 'passed']++;
    if (type === 'test:fail') {
      const { error } = data.details;
      if (error?.failureType === 'subtestsFailed') continue;
      counts.failed++;
      yield `\n✖ ${data.name}\n  ${data.file ?? ''}:${data.line ?? ''}\n${inspect(error?.cause ?? error, { depth: 4 })
        .split('\n')
        .map((line) => `  ${line}`)
        .join('\n')}\n`;
    }
  }
  if (process.env.PLATEAU_COUNTS) writeFileSync(process.env.PLATEAU_COUNTS, JSON.stringify(counts));
  yield `  ${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}\n`;
}
