/** @file Angle between each layer's kernel before and after the step. */
import type { Metric } from '../define.ts';

/** Where the change is the optimizer's own, little of it lies along the weights, and the Pythagorean theorem has the digits of what is across. */
const acrossOf = (change: number, along: number): number => Math.sqrt(Math.max(0, (change - along) * (change + along)));

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
    parts: ({ weightNorm, weightDotChange, changeNorm, changeAcross }) =>
      changeAcross ? [weightNorm, changeNorm, weightDotChange, changeAcross] : [weightNorm, changeNorm, weightDotChange],
    // exact for tiny angles, where arccos would give 0
    finish: ([weight, change, product, across]) =>
      weight!.map((value, layer) => {
        const along = product![layer]! / value;
        return Math.atan2(across?.[layer] ?? acrossOf(change![layer]!, along), value + along);
      }),
  },
};
