/**
 * @file Words with a little mathematics in them, as 10^6, h_L or -0.5, cut into pieces that a page raises, lowers and gives a minus sign;
 * and formulas, cut where a line may break.
 */

export interface Piece {
  readonly text: string;
  readonly place: 'on' | 'above' | 'below';
}

const raised = String.raw`\^(?<above>\((?:[^()]|\([^()]*\))*\)|\*|[-−]?[\p{L}\p{N}.]*[\p{L}\p{N}])`;
const lowered = String.raw`(?<![\p{L}\p{N}_])(?<of>\p{L})_(?<below>[\p{L}\p{N}]{1,6})(?![\p{L}\p{N}_])`;
const marked = new RegExp(`(?<=[\\p{L}\\p{N})‖|])${raised}|${lowered}`, 'gu');

/** 5e-4 as one writes it by hand. */
const powers = (text: string): string =>
  text.replaceAll(
    /(?<![\p{L}\p{N}_.])(\d+(?:\.\d+)?)e([-+]?\d+)(?![\p{L}\p{N}_])/gu,
    (_, front: string, power: string) => `${front === '1' ? '' : `${front}·`}10^${power.replace('+', '')}`,
  );

/** A hyphen in front of a number, or between what can be subtracted, is a minus. */
const minus = (text: string): string =>
  text
    .replaceAll(/(?<=^|[\s([=,:/])-(?=[\d.½¼∞]|\p{L}(?!\p{L}))/gu, '−')
    .replaceAll(/(?<=[\p{N})\]]|(?<!\p{L})\p{L}) - (?=[\p{N}(]|\p{L}(?!\p{L}))/gu, ' − ')
    .replaceAll(/(?<=(?<![\p{L}\p{N}])[\p{L}\p{N}])-(?=[\p{L}\p{N}](?![\p{L}\p{N}]))/gu, '−');

export function piecesOf(words: string): readonly Piece[] {
  const text = minus(powers(words));
  const pieces: Piece[] = [];
  const add = (part: string, place: Piece['place']) => part && pieces.push({ text: part, place });
  let at = 0;
  for (const match of text.matchAll(marked)) {
    const { above, of, below } = match.groups!;
    add(text.slice(at, match.index) + (of ?? ''), 'on');
    if (above !== undefined) add(above.replace(/^\((.*)\)$/u, '$1').replace(/^-/u, '−'), 'above');
    else add(below!, 'below');
    at = match.index + match[0].length;
  }
  add(text.slice(at), 'on');
  return pieces;
}

const tags = { on: '', above: 'sup', below: 'sub' } as const;

/** The same for labels inside pictures. */
export const markedUp = (text: string): string =>
  piecesOf(text)
    .map(({ text: part, place }) => (place === 'on' ? part : `<${tags[place]}>${part}</${tags[place]}>`))
    .join('');

const opening = new Set(['{', '(', '\\left', '\\begin']);
const closing = new Set(['}', ')', '\\right', '\\end']);

/** A formula cut where it has wide spaces outside all braces: a line breaks there before it breaks inside a part. */
export function partsOf(tex: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const [token] of tex.matchAll(/\\(?:[a-zA-Z]+|.)|[^]/g)) {
    if (opening.has(token)) depth++;
    if (closing.has(token)) depth--;
    const wide = token === '\\quad' || token === '\\qquad' || ((token === '\\;' || token === '\\ ') && parts.at(-1)!.endsWith(','));
    if (depth === 0 && wide) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.filter((part) => part.trim() !== '');
}
