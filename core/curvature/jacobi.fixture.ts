/** @file For the tests: singular values by one-sided Jacobi rotations, slow and simple. */
import type { Matrix } from './singular.ts';

/** Columns (or rows, if fewer) are turned in pairs until all are orthogonal; their lengths are the values, descending. */
export function jacobiSingularValues({ rows, columns, values }: Matrix): number[] {
  const lines =
    columns <= rows
      ? Array.from({ length: columns }, (_, j) => Array.from({ length: rows }, (_, i) => values[i * columns + j]!))
      : Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  for (let sweep = 0; sweep < 40; sweep++)
    for (let p = 0; p < lines.length; p++)
      for (let q = p + 1; q < lines.length; q++) {
        const [a, b] = [lines[p]!, lines[q]!];
        const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
        if (ab === 0) continue;
        const angle = Math.atan2(2 * ab, aa - bb) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        lines[p] = a.map((value, i) => c * value + s * b[i]!);
        lines[q] = b.map((value, i) => c * value - s * a[i]!);
      }
  return lines.map((line) => Math.sqrt(dot(line, line))).sort((a, b) => b - a);
}
