/** @file An answer as JSON text, which has no words for numbers that are not finite: they become the texts "NaN", "Infinity", "-Infinity". */

export const answerText = (answer: unknown, indent?: number): string =>
  JSON.stringify(answer, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value), indent);
