/** @file Colours of data: a regularizer keeps its own everywhere; the rest follow in order. Read from the page's variables at each draw. */
import { isDark } from '../_ui/dark.ts';

const ofRegularizer: Record<string, string> = {
  none: '--series-7',
  l2: '--series-1',
  weightRescaling: '--series-2',
  decoupledWeightDecay: '--series-3',
};
export const inOrder = ['--series-1', '--series-2', '--series-3', '--series-4', '--series-5', '--series-6', '--series-7'];

export const colourVariable = (regularizer: string, byRegularizer: boolean, position: number): string =>
  (byRegularizer ? ofRegularizer[regularizer] : undefined) ?? inOrder[position % inOrder.length]!;

export const readVariable = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function withAlpha(hex: string, alpha: number): string {
  const value = parseInt(hex.slice(1), 16);
  return `rgba(${value >> 16}, ${(value >> 8) & 255}, ${value & 255}, ${alpha})`;
}

/** Viridis by Smith and van der Walt, at eleven stops. */
export const viridis = [
  '#440154',
  '#482475',
  '#414487',
  '#355f8d',
  '#2a788e',
  '#21918c',
  '#22a884',
  '#44bf70',
  '#7ad151',
  '#bddf26',
  '#fde725',
];

/** Colour of a layer on the way from the bottom to the top, from the part of viridis that has a contrast of 3:1 on the theme's surface. */
export function layerColour(layer: number, layers: number): string {
  const [from, to] = isDark() ? [3.6, 9.99] : [0, 6.2];
  const at = from + (layers > 1 ? layer / (layers - 1) : 0.5) * (to - from);
  const [low, t] = [Math.floor(at), at - Math.floor(at)];
  const channel = (hex: string, shift: number) => (parseInt(hex.slice(1), 16) >> shift) & 255;
  const mix = (shift: number) => Math.round(channel(viridis[low]!, shift) * (1 - t) + channel(viridis[low + 1]!, shift) * t);
  return `rgb(${mix(16)}, ${mix(8)}, ${mix(0)})`;
}
