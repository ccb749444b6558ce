/** @file On paper everything is light. Style sheets see to it but for figures, whose colours stand in them as drawn: they are swapped meanwhile. */
import { isDark } from '../_ui/dark.ts';
import { layerColour } from './colours.ts';

/** Names of the variables that figures take their colours from. */
const names = [
  'text',
  'muted',
  'line',
  'accent',
  'good',
  'warn',
  'bad',
  'surface',
  'surface-2',
  'surface-3',
  ...[1, 2, 3, 4, 5, 6, 7].flatMap((i) => [`series-${i}`, `ramp-${i}`]),
];
/** As many shades of layers as are told apart. */
const shades = 60;

/** What the variables, and the shades of layers, are under a theme, as a style states colours. */
function coloursUnder(theme: 'dark' | 'light'): readonly string[] {
  const { dataset } = document.documentElement;
  const before = dataset.theme;
  dataset.theme = theme;
  const style = getComputedStyle(document.documentElement);
  const probe = new Option().style;
  const found = names.map((name) => ((probe.color = style.getPropertyValue(`--${name}`).trim()), probe.color));
  const layers = Array.from({ length: (shades * (shades + 1)) / 2 }, (_, i) => {
    const of = Math.floor((Math.sqrt(8 * i + 1) - 1) / 2) + 1;
    return layerColour(i - (of * (of - 1)) / 2, of);
  });
  if (before === undefined) delete dataset.theme;
  else dataset.theme = before;
  return [...found, ...layers];
}

let undo: (() => void)[] = [];

function lighten(): void {
  if (!isDark()) return;
  const light = coloursUnder('light');
  const map = new Map(coloursUnder('dark').map((colour, i) => [colour, light[i]!]));
  const swap = (style: CSSStyleDeclaration, property: 'fill' | 'stroke' | 'backgroundColor') => {
    const colour = style[property];
    const instead = map.get(colour);
    if (instead === undefined) return;
    style[property] = instead;
    undo.push(() => (style[property] = colour));
  };
  for (const { style } of document.querySelectorAll<SVGElement>('.plot svg *')) {
    swap(style, 'fill');
    swap(style, 'stroke');
  }
  for (const { style } of document.querySelectorAll<HTMLElement>('.swatch')) swap(style, 'backgroundColor');
}
function restore(): void {
  for (const back of undo) back();
  undo = [];
}

/** However printing was asked for: button, key or menu. */
export function watchPrinting(): () => void {
  window.addEventListener('beforeprint', lighten);
  window.addEventListener('afterprint', restore);
  return () => {
    window.removeEventListener('beforeprint', lighten);
    window.removeEventListener('afterprint', restore);
  };
}
