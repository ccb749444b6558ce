/** @file What the pages of the catalog ask the server for, and the words they put on it. */
import type { Field, Options } from '#core/define.ts';
import type { CatalogEntry } from '../new/draft.ts';

export const catalogQuery = '{ catalog { kind name title formula about source unit axes cost fields } }';

export interface Listed extends CatalogEntry {
  readonly unit: string | null;
  readonly cost: string | null;
  readonly axes: readonly string[] | null;
}

/** Titles of the kinds in the order of the page; a kind that is not here stands at the end under its own name. */
const titles: Readonly<Record<string, string>> = {
  network: 'Networks',
  activation: 'Activations',
  init: 'Initializations',
  parameterization: 'Parameterizations',
  optimizer: 'Optimizers',
  schedule: 'Learning-rate schedules',
  clipping: 'Gradient clipping',
  regularizer: 'Regularizers',
  loss: 'Losses',
  dataset: 'Data',
  metric: 'Metrics',
  diagnosis: 'Diagnoses',
};
export const titleOf = (kind: string): string => titles[kind] ?? `${kind.charAt(0).toUpperCase()}${kind.slice(1)}s`;

export function kindsOf(catalog: readonly Listed[]): string[] {
  const order = Object.keys(titles);
  const place = (kind: string) => (order.indexOf(kind) + 1 || order.length + 1) - 1;
  return [...new Set(catalog.map(({ kind }) => kind))].sort((a, b) => place(a) - place(b));
}

export const costs: Readonly<Record<string, string>> = {
  step: 'a by-product of every step',
  pass: 'an extra forward pass',
  product: 'Hessian-vector products',
  weights: 'arithmetic on a snapshot of the weights',
  samples: 'gradients of single examples on a probe batch',
  gram: 'kernels of a probe batch',
};

export const defaultOptions = ({ name, fields }: Pick<Listed, 'name' | 'fields'>): Options => ({
  kind: name,
  ...Object.fromEntries(Object.entries(fields).map(([field, { default: value }]) => [field, value])),
});

/** What is wrong with a value for a field, or null. */
export function faultOf(field: Field, value: unknown): string | null {
  if (field.type !== 'integer' && field.type !== 'number') return null;
  const right = typeof value === 'number' && value >= field.min && value <= field.max && !(field.exclusiveMin && value === field.min);
  if (right && (field.type === 'number' || Number.isInteger(value))) return null;
  return `must be ${field.type === 'integer' ? 'an integer' : 'a number'} ${field.exclusiveMin ? 'above' : 'from'} ${field.min} to ${field.max}, got ${String(value)}`;
}

/** Those that have all the words, in whatever order, in what is written about them. */
export function matching(entries: readonly Listed[], words: string): readonly Listed[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ kind, name, title, about, source }) => {
    const text = `${kind} ${titleOf(kind)} ${name} ${title} ${about} ${source}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
