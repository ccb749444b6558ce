/** @file Angle between each layer's kernel before and after the step. */
import type { Metric } from '../define.ts';

/**
 * The part of Δ across w against the part along it: exact for tiny angles, where arccos of the cosine would give 0 below 1e-4 in float32.
 */
function angle(weight: number, change: number, weightDotChange: number): number {
  const along = weightDotChange / weight;
  const across = Math.sqrt(Math.max(0, (change - along) * (change + along)));
  return Math.atan2(across, weight + along);
}

export const weightAngle: Metric = {
  card: {
    name: 'weightAngle',
    title: 'Angular update',
    formula: '\\angle(W_{\\ell,t}, W_{\\ell,t+1})',
    about: 'How far a step turns each layer’s weights. Under weight decay it settles at √(2ηλ/(1+μ)).',
    unit: 'rad',
    source: 'Wan, Zhu, Zhang and Sun 2021',
  },
  fields: {},
  axes: ['layer'],
  cost: 'step',
  scale: 'log',
  step: {
    parts: ({ weightNorm, changeNorm, weightDotChange }) => [weightNorm, changeNorm, weightDotChange],
    finish: ([weight, change, dot]) => weight!.map((value, layer) => angle(value, change![layer]!, dot![layer]!)),
  },
};
