/** @file New ids: 16 letters and digits, 82 random bits; safe in URLs and easy to select with a double click. */
import { randomInt } from 'node:crypto';

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

export const newId = (): string => Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join('');
