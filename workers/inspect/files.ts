/** @file Named arrays of .npz, .npy and safetensors files, as float64. Files are named relative to the question; each is read once. */
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { readNpy, readNpz } from './npz.ts';
import { InspectRefusal, refuse } from './refusal.ts';
import { readSafetensors } from './safetensors.ts';
import type { Tensor } from './tensors.ts';

export interface ArrayFiles {
  /** @param path where the question names the file */
  read(file: string, path: string): ReadonlyMap<string, Tensor>;
}

/** Bytes of one file of arrays, at most. */
const maxFileBytes = 1 << 30;

/** What a file's bytes say themselves to be decides, not its name. */
export function parseArrays(bytes: Uint8Array): Map<string, Tensor> {
  const [a, b, c, d] = bytes;
  if (a === 0x50 && b === 0x4b) return readNpz(bytes);
  if (a === 0x93 && b === 0x4e && c === 0x55 && d === 0x4d) return new Map([['array', readNpy(bytes)]]);
  return readSafetensors(bytes);
}

/** Files beside the question, or under the current folder where it came through a pipe. */
export function filesUnder(folder: string): ArrayFiles {
  const known = new Map<string, ReadonlyMap<string, Tensor>>();
  return {
    read(file, at) {
      const full = path.resolve(folder, file);
      const found = known.get(full) ?? parsed(() => parseArrays(readWhole(full)), file, at);
      known.set(full, found);
      return found;
    },
  };
}

/** Files that came with the question (a page sends them); nothing is read from this machine. */
export function filesGiven(given: ReadonlyMap<string, Uint8Array>): ArrayFiles {
  return {
    read(file, at) {
      const bytes = given.get(file);
      if (!bytes) refuse(at, `must be a file that came with the question (${[...given.keys()].join(', ') || 'none did'}), got ${file}`);
      return parsed(() => parseArrays(bytes), file, at);
    },
  };
}

function readWhole(file: string): Uint8Array {
  if (!statSync(file).isFile()) throw new RangeError('it is no file'); // a device has no end, a pipe may have no writer
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size > maxFileBytes) throw new RangeError(`must have at most ${maxFileBytes} bytes, got ${size}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function parsed<T>(read: () => T, file: string, at: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InspectRefusal) throw error;
    refuse(at, `${file} cannot be read: ${(error as Error).message}`);
  }
}
