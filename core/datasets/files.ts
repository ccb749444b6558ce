/** @file What the data sets from files share: where they are read from and how much of them. */
import type { Fields } from '../define.ts';

export const fileFields: Fields = {
  path: {
    type: 'text',
    title: 'Folder or address',
    default: '',
    maxLength: 1000,
    about: 'A folder on the worker’s machine, or an http(s) address the files lie under. Read by the worker, never by the server.',
  },
  limit: { type: 'integer', title: 'Training samples at most', min: 2, max: 10_000_000, default: 10_000_000 },
};

export function refuse(file: string, what: string): never {
  throw new RangeError(`${file}: ${what}`);
}
