/** @file Numbers of a question: nested lists, { shape, data }, or an array of a file, all as shape and row-major float64 values. */
import { sizeOf } from '#core/graph/node.ts';
import type { ArrayFiles } from './files.ts';
import { refuse, show } from './refusal.ts';

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Values of one tensor, at most; 400 MB in float64. */
const maxValues = 50_000_000;

/** Values of all arrays of one file, at most: 1 GiB in float64, whatever they take on disk. */
const maxFileValues = 1 << 27;

/** Counts the values of a file's arrays before they are made. @throws RangeError beyond what there may be */
export function valueBudget(): (values: number) => void {
  let left = maxFileValues;
  return (values) => {
    left -= values;
    if (left < 0) throw new RangeError(`the arrays may hold ${maxFileValues} values together, got at least ${maxFileValues - left}`);
  };
}

/** @throws InspectRefusal with the path of the first number that is none, or of a list that is longer or shorter than its neighbours */
export function readTensor(value: unknown, path: string, files: ArrayFiles): Tensor {
  if (Array.isArray(value)) return nested(value, path);
  if (typeof value === 'number') return { shape: [], data: Float64Array.of(finite(value, path)) };
  if (typeof value !== 'object' || value === null) refuse(path, `must be a list of numbers or { shape, data }, got ${show(value)}`);
  const { shape, data, file, name, ...rest } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest).filter((key) => key !== 'dtype');
  if (unknown !== undefined) refuse(`${path}.${unknown}`, 'unknown field; allowed: shape, data, or file, name');
  if (file !== undefined) return fromFile(file, name, path, files);
  if (!Array.isArray(data)) refuse(`${path}.data`, `must be a list of numbers, got ${show(data)}`);
  const all = nested(data, `${path}.data`);
  if (shape === undefined) return all;
  const sizes = readShape(shape, `${path}.shape`);
  if (sizeOf(sizes) !== all.data.length)
    refuse(`${path}.data`, `must hold ${sizeOf(sizes)} numbers for [${sizes}], got ${all.data.length}`);
  return { shape: sizes, data: all.data };
}

function fromFile(file: unknown, name: unknown, path: string, files: ArrayFiles): Tensor {
  if (typeof file !== 'string') refuse(`${path}.file`, `must be the name of an .npz or .safetensors file, got ${show(file)}`);
  const arrays = files.read(file, `${path}.file`);
  const names = [...arrays.keys()];
  const wanted = name ?? (names.length === 1 ? names[0] : undefined);
  const found = typeof wanted === 'string' ? arrays.get(wanted) : undefined;
  if (!found) refuse(`${path}.name`, `must be one of the file's ${names.join(', ') || 'none'}, got ${show(name)}`);
  if (found.data.length < 1 || found.data.length > maxValues) refuse(path, `must hold 1 to ${maxValues} values, got [${found.shape}]`);
  checkFinite(found.data, path);
  return found;
}

function readShape(value: unknown, path: string): number[] {
  if (!Array.isArray(value) || !value.every((n) => Number.isSafeInteger(n) && n >= 1))
    refuse(path, `must be a list of integers of at least 1, got ${show(value)}`);
  if (sizeOf(value) > maxValues) refuse(path, `must hold at most ${maxValues} values, got ${sizeOf(value)}`);
  return value as number[];
}

export function checkFinite(data: Float64Array, path: string): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) refuse(path, `must hold finite numbers, got ${data[at]} at value ${at}`);
}

function finite(value: unknown, path: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  refuse(path, `must be a finite number, got ${show(value)}`);
}

function nested(list: unknown[], path: string): Tensor {
  const shape: number[] = [];
  for (let level: unknown = list; Array.isArray(level); level = level[0]) {
    if (level.length === 0) refuse(path, 'must not hold an empty list, got []');
    if (shape.push(level.length) > 8) refuse(path, 'must be nested at most 8 deep');
  }
  if (sizeOf(shape) > maxValues) refuse(path, `must hold at most ${maxValues} values, got ${sizeOf(shape)}`);
  const data = new Float64Array(sizeOf(shape));
  let at = 0;
  const fill = (value: unknown, depth: number, place: () => string): void => {
    if (depth === shape.length) {
      if (typeof value !== 'number' || !Number.isFinite(value)) finite(value, place());
      data[at++] = value as number;
      return;
    }
    if (!Array.isArray(value) || value.length !== shape[depth])
      refuse(place(), `must be a list of ${shape[depth]} like its neighbours, got ${Array.isArray(value) ? value.length : show(value)}`);
    for (let i = 0; i < value.length; i++) fill(value[i], depth + 1, () => `${place()}[${i}]`);
  };
  fill(list, 0, () => path);
  return { shape, data };
}
