/** @file Markdown in one line of text, for lists: what it says, without its marks. */

/** Underscores and asterisks inside words and numbers stay: they are names and products there. */
export const plain = (markdown: string): string =>
  markdown
    .replaceAll(/\$\$?([^$\n]+)\$\$?/g, (_, tex: string) => tex.replaceAll(/\\(?:mathrm|text|mathbb|operatorname)\b|[\\{}]/g, ''))
    .replaceAll(/\[([^\]\n]*)\]\([^)\s]*\)/g, '$1')
    .replaceAll(/(?<![\p{L}\p{N}])(\*{1,3}|_{1,3}|`)(?=\S)([^\n]*?\S)\1(?![\p{L}\p{N}])/gu, '$2')
    .replaceAll(/^\s*(?:#{1,6}|>|[-*+])\s+/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
