'use client';
/** @file What can be done on the page now: one list, read by the keyboard, by the palette and by the overlay of shortcuts. */
import { useEffect, useSyncExternalStore } from 'react';

export interface Command {
  readonly id: string;
  readonly title: string;
  /** Heading under which palette and overlay show it. */
  readonly section: string;
  /** `j`, `?`, `space`, `mod+z` (Ctrl, or ⌘ on a Mac). */
  readonly keys?: string;
  /** Only a key for what is under the hand: not worth a line in the palette. */
  readonly onlyKeys?: boolean;
  readonly run: () => void;
}

let registered: readonly (readonly Command[])[] = [];
let all: readonly Command[] = [];
const watchers = new Set<() => void>();
function changed(next: typeof registered): void {
  registered = next;
  // the latest registration of a key wins: a page's own before the frame's
  all = registered.flat();
  for (const watcher of watchers) watcher();
}
const subscribe = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};
const none: readonly Command[] = [];
export const useAllCommands = (): readonly Command[] =>
  useSyncExternalStore(
    subscribe,
    () => all,
    () => none,
  );

/** Offers these while the caller is on the page. Give a memoized list. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    changed([...registered, commands]);
    return () => changed(registered.filter((other) => other !== commands));
  }, [commands]);
}

const letterless = /^(checkbox|radio|range|button|color|file)$/;
const writing = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement
    ? !letterless.test(target.type)
    : target instanceof HTMLElement && (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName));
/** Space and Enter belong to the button or link that has the focus. */
const pressable = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(BUTTON|A|SUMMARY|INPUT)$/.test(target.tagName);

function keysOf(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'space' : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `${event.metaKey || event.ctrlKey ? 'mod+' : ''}${event.shiftKey && key.length === 1 && /[a-z]/.test(key) ? 'shift+' : ''}${key}`;
}

/** Runs the command of a key. While someone writes, keys are letters; only ⌘K goes through. */
export function pressed(event: KeyboardEvent): void {
  const keys = keysOf(event);
  if (event.altKey || event.defaultPrevented || (writing(event.target) && keys !== 'mod+k')) return;
  if ((keys === 'space' || keys === 'Enter') && pressable(event.target)) return;
  if (document.querySelector('[role="dialog"]') && keys !== 'mod+k') return;
  const command = all.findLast((each) => each.keys === keys);
  if (!command) return;
  event.preventDefault();
  command.run();
}

const isMac = (): boolean => typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
/** `mod+shift+z` in the reader's words: ⌘⇧Z, or Ctrl Shift Z. */
export function keyName(keys: string): string {
  const parts = keys
    .split('+')
    .map((part) => (part === 'mod' ? (isMac() ? '⌘' : 'Ctrl') : part === 'shift' ? (isMac() ? '⇧' : 'Shift') : part));
  const last = parts.pop()!;
  return [...parts, last.length === 1 && parts.length > 0 ? last.toUpperCase() : last].join(isMac() ? '' : ' ');
}

/** How well a text answers a query: all letters in order, runs and word starts count; null where it does not. Best over all ways to match. */
export function rank(query: string, text: string): number | null {
  const [wanted, given] = [query.toLowerCase().replaceAll(/\s+/g, ''), text.toLowerCase()];
  const worth = (at: number) => (at === 0 || /[\s/,.:(_-]/.test(given[at - 1]!) ? 2 : 0);
  // best[at]: the letters so far, the last of them at this place
  let best = new Map<number, number>([[-2, 0]]);
  for (const letter of wanted) {
    const next = new Map<number, number>();
    for (let at = given.indexOf(letter); at >= 0; at = given.indexOf(letter, at + 1))
      for (const [last, score] of best) {
        if (last >= at) continue;
        const gap = last < 0 ? at : at - last - 1;
        const total = score + worth(at) + (last === at - 1 ? 3 : -Math.min(gap, 10) / 10);
        if (total > (next.get(at) ?? -Infinity)) next.set(at, total);
      }
    best = next;
  }
  return best.size === 0 ? null : Math.max(...best.values()) - given.length / 200;
}
