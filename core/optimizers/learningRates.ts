/** @file The field every optimizer has. */
import type { Field } from '../define.ts';

export const learningRate = (value: number): Field => ({
  type: 'number',
  title: 'Learning rate',
  symbol: '\\eta',
  min: 0,
  max: 1e30,
  default: value,
  log: true,
  about: 'Base rate; the schedule multiplies it. 0 freezes the weights.',
});
