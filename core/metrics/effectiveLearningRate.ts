/** @file The learning rate on the unit sphere, for layers whose scale the loss does not see. */
import type { Metric } from '../define.ts';

export const effectiveLearningRate: Metric = {
  card: {
    name: 'effectiveLearningRate',
    title: 'Effective learning rate',
    formula: '\\eta/\\|W_\\ell\\|^2',
    about: 'The learning rate on the unit sphere, for layers whose scale the loss does not see.',
    source: 'van Laarhoven 2017',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: {
    parts: ({ learningRate, layerLearningRate, weightNorm }) => [layerLearningRate ?? learningRate, weightNorm],
    finish: ([rate, weight]) => weight!.map((value, layer) => rate![rate!.length === 1 ? 0 : layer]! / (value * value)),
  },
};
