/** @file When a basis is looked at again: float32 Lanczos runs on planted spectra stay semi-orthogonal with the passes that are asked for, and not without. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rng, type Rng } from '#core/rng.ts';
import { openDrift } from './drift.ts';

const noise = 1e-6;
const spectra: Record<string, (n: number, random: Rng) => number[]> = {
  bulk: (n, random) => Array.from({ length: n }, () => random.normal()),
  outliers: (n, random) => Array.from({ length: n }, (_, i) => (i < 5 ? 50 : 0.3) * random.normal()),
  'twelve decades': (n) => Array.from({ length: n }, (_, i) => 10 ** ((12 * i) / n - 6)),
  'six decades of both signs': (n, random) => Array.from({ length: n }, (_, i) => Math.sign(random.normal()) * 10 ** ((6 * i) / n - 3)),
  'rank eight': (n, random) => Array.from({ length: n }, (_, i) => (i < 8 ? random.normal() : 0)),
  clusters: (n, random) => Array.from({ length: n }, (_, i) => [1, 2, 5, -1, 20][i % 5]! + 1e-5 * random.normal()),
  'all but the same': (n, random) => Array.from({ length: n }, () => 1 + 1e-3 * random.normal()),
};
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** A run in float32 whose products are off by a share of the largest eigenvalue. @returns the largest |qᵢ·qⱼ| and the share of vectors taken from all */
function run(diagonal: readonly number[], steps: number, error: number, asks: (due: boolean) => boolean, random: Rng) {
  const n = diagonal.length;
  const scale = Math.max(...diagonal.map(Math.abs));
  const start = Float32Array.from(diagonal, () => random.normal());
  const basis = [start.map((value) => value / Math.sqrt(dot(start, start)))];
  const [alpha, beta]: number[][] = [[], []];
  const drift = openDrift(noise);
  const subtract = (from: Float32Array, row: Float32Array, share: number) => row.forEach((value, i) => (from[i]! -= share * value));
  let [largest, taken] = [0, 0];
  for (let j = 0; j < Math.min(steps, n) - 1; j++) {
    const rest = basis[j]!.map((value, i) => diagonal[i]! * value + (error * scale * random.normal()) / Math.sqrt(n));
    alpha!.push(dot(rest, basis[j]!));
    subtract(rest, basis[j]!, alpha![j]!);
    if (j > 0) subtract(rest, basis[j - 1]!, beta![j - 1]!);
    if (asks(drift.exceeds(alpha!, beta!, Math.sqrt(dot(rest, rest))))) {
      taken++;
      for (let pass = 0; pass < 2; pass++) {
        const shares = basis.map((row) => dot(rest, row));
        shares.forEach((share, k) => subtract(rest, basis[k]!, share));
      }
    }
    beta!.push(Math.sqrt(dot(rest, rest)));
    if (beta![j]! <= noise * Math.max(...alpha!.map(Math.abs), ...beta!)) break;
    const next = rest.map((value) => value / beta![j]!);
    largest = Math.max(largest, ...basis.map((row) => Math.abs(dot(row, next))));
    basis.push(next);
  }
  return { largest, taken: taken / (basis.length - 1) };
}

for (const [title, spectrum] of Object.entries(spectra))
  test(`${title}: no two vectors share more than 1e-3, the root of the noise, whether products are off by rounding or by all the noise there may be`, () => {
    for (const n of [30, 100, 500])
      for (const error of [0, noise])
        for (let seed = 0; seed < 4; seed++) {
          const random = rng(seed, 'test', n);
          const { largest } = run(spectrum(n, random), 60, error, (due) => due, random);
          assert.ok(largest <= Math.sqrt(noise), `n ${n}, seed ${seed}: ${largest}`);
        }
  });

test('of a bulk half of the vectors are taken from all others, and without them orthogonality is lost', () => {
  const random = () => rng(1, 'test');
  const asked = run(spectra.bulk!(500, random()), 60, noise, (due) => due, random());
  assert.ok(asked.taken > 0 && asked.taken < 0.5, String(asked.taken));
  const never = run(spectra.bulk!(500, random()), 60, noise, () => false, random());
  assert.ok(never.largest > 0.1, String(never.largest));
});

test('two in turn are asked for, and always where nothing is left or what is left is no number', () => {
  const drift = openDrift(noise);
  assert.equal(drift.exceeds([1], [], 1), false);
  assert.equal(drift.exceeds([1, 1], [1], 1e-5), true, 'a remainder of little but noise');
  assert.equal(drift.exceeds([1, 1, 1], [1, 1e-5], 1), true, 'the one after it');
  assert.equal(drift.exceeds([1, 1, 1, 1], [1, 1e-5, 1], 1), false);
  for (const left of [0, NaN, Infinity]) assert.equal(openDrift(noise).exceeds([1], [], left), true, String(left));
});
