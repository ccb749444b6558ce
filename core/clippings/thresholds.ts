/** @file The field of the clippings that have a limit. */
import type { Field } from '../define.ts';

export const threshold = (value: number, title: string): Field => ({
  type: 'number',
  title,
  symbol: 'c',
  min: 0,
  max: 1e30,
  default: value,
  log: true,
  exclusiveMin: true,
});
