/** @file A key that stands twice in one object of a question: JSON keeps the last of them and says nothing. */
import { refuse } from './refusal.ts';

const [quote, backslash, colon, begin, end, blank] = [...'"\\:{} '].map((character) => character.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
];

/**
 * @param text JSON that has been parsed, so that every text behind which a colon stands is a key
 * @throws InspectRefusal at the key, without the indices of lists around it
 */
export function refuseDuplicates(text: string): void {
  const around: { keys: Set<string>; path: string; last: string }[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === begin) around.push({ keys: new Set(), path: around.at(-1)?.last ?? '', last: '' });
    else if (code === end) around.pop();
    if (code !== quote) continue;
    const from = at;
    while (text.charCodeAt(++at) !== quote) if (text.charCodeAt(at) === backslash) at++;
    let next = at + 1;
    while (text.charCodeAt(next) <= blank) next++;
    if (text.charCodeAt(next) !== colon) continue;
    const key = JSON.parse(text.slice(from, at + 1)) as string;
    const object = around.at(-1)!;
    object.last = object.path === '' ? key : `${object.path}.${key}`;
    if (object.keys.has(key)) refuse(object.last, 'must stand once, got it again');
    object.keys.add(key);
  }
}
