/**
 * @file The spool: an append-only file of what a run has to tell, so that neither a cut network nor a killed process loses a word.
 *
 * A spool is a folder of segments `00000001.spool`, …, each a sequence of frames, little-endian:
 *
 *     offset  size  field
 *     0       4     length N of the payload
 *     4       4     CRC-32 of kind and payload
 *     8       1     kind: 1 chunk (core/chunk.ts) · 2 report (JSON) · 3 checkpoint (JSON {step, file})
 *     9       N     payload
 *
 * One process writes, one reads; each may be killed at any byte. A torn tail is ignored by the reader and cut by the writer.
 * Nothing is synced to the platter: the page cache survives a killed process, and a lost machine costs what follows the last checkpoint.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '#core/crc32.ts';

const frameKinds = { chunk: 1, report: 2, checkpoint: 3 } as const;
export type FrameKind = keyof typeof frameKinds;
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}
/** A place in the spool: everything before it is done with. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

const headerBytes = 9;
const maxFrameBytes = 8 * 1024 * 1024;
const suffix = '.spool';
const kindOf = new Map(Object.entries(frameKinds).map(([kind, code]) => [code as number, kind as FrameKind]));

export function encodeFrame({ kind, payload }: Frame): Uint8Array {
  const bytes = new Uint8Array(headerBytes + payload.length);
  bytes[8] = frameKinds[kind];
  bytes.set(payload, headerBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32(bytes.subarray(8)), true);
  return bytes;
}

/** Reads whole frames off the front of `bytes`; `end` is where the first incomplete or torn one starts. */
function decodeFrames(bytes: Uint8Array): { frames: { frame: Frame; end: number }[]; end: number; torn: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: { frame: Frame; end: number }[] = [];
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const length = view.getUint32(at, true);
    const kind = kindOf.get(bytes[at + 8]!);
    if (!kind || length > maxFrameBytes) return { frames, end: at, torn: true };
    const end = at + headerBytes + length;
    if (end > bytes.length) break;
    if (crc32(bytes.subarray(at + 8, end)) !== view.getUint32(at + 4, true)) return { frames, end: at, torn: true };
    frames.push({ frame: { kind, payload: bytes.slice(at + headerBytes, end) }, end });
    at = end;
  }
  return { frames, end: at, torn: false };
}

const segmentPath = (folder: string, segment: number): string => join(folder, `${String(segment).padStart(8, '0')}${suffix}`);

/** Numbers of the segments that exist, ascending. */
function segments(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(suffix))
      .map((name) => Number.parseInt(name, 10))
      .filter(Number.isSafeInteger)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

export interface SpoolWriter {
  /** Appends all of the frames or, when it throws (disk full), none of them. */
  append(frames: readonly Frame[]): void;
  /** Bytes held on disk; walks the folder. */
  used(): number;
  close(): void;
}

/** `write` is injected by the tests to stand for a disk that is full. */
export function openSpoolWriter(
  folder: string,
  { segmentBytes = 8 * 1024 * 1024, write = writeSync as (fd: number, bytes: Uint8Array) => number } = {},
): SpoolWriter {
  mkdirSync(folder, { recursive: true });
  let segment = (segments(folder).at(-1) ?? 0) + 1; // never behind another writer's tail, which may be torn
  let fd: number | null = null;
  let size = 0;
  const rotate = (): void => {
    if (fd !== null) {
      closeSync(fd);
      segment++;
    }
    fd = openSync(segmentPath(folder, segment), 'a');
    size = 0;
  };
  return {
    append(frames) {
      const bytes = Buffer.concat(frames.map(encodeFrame));
      if (fd === null || size >= segmentBytes) rotate();
      let written = 0;
      try {
        while (written < bytes.length) written += write(fd!, bytes.subarray(written));
        size += bytes.length;
      } catch (error) {
        if (written > 0) ftruncateSync(fd!, size); // half a frame must not stand before the next one
        throw error;
      }
    },
    used: () =>
      segments(folder).reduce((sum, number) => {
        try {
          return sum + statSync(segmentPath(folder, number)).size;
        } catch {
          return sum; // trimmed meanwhile
        }
      }, 0),
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

export interface SpoolReader {
  /** Up to `maxBytes` of frames (at least one, if there is one) and the position behind each; empty when there is no more for now. */
  next(maxBytes: number): { frame: Frame; after: Position }[];
  /** Says that everything before the position is done with: whole segments before it are removed, the position is kept for the next reader. */
  trim(position: Position): void;
  /** Reads again from the last trimmed position. */
  rewind(): void;
  close(): void;
}

export function openSpoolReader(folder: string): SpoolReader {
  const positionFile = join(folder, 'position.json');
  let done: Position = readPosition(positionFile) ?? { segment: segments(folder)[0] ?? 1, offset: 0 };
  let at = done;
  let open: { segment: number; fd: number } | null = null;
  const release = (): void => {
    if (open) closeSync(open.fd);
    open = null;
  };
  const read = (maxBytes: number): { frame: Frame; after: Position }[] => {
    if (open?.segment !== at.segment) {
      release();
      try {
        open = { segment: at.segment, fd: openSync(segmentPath(folder, at.segment), 'r') };
      } catch {
        return [];
      }
    }
    const { fd } = open!;
    const available = fstatSync(fd).size - at.offset;
    if (available < headerBytes) return [];
    const start = at;
    const take = (bytes: number) => {
      const buffer = new Uint8Array(Math.min(available, bytes));
      const length = readSync(fd, buffer, 0, buffer.length, start.offset);
      return decodeFrames(buffer.subarray(0, length));
    };
    let decoded = take(maxBytes);
    if (decoded.frames.length === 0 && !decoded.torn && available > maxBytes) decoded = take(headerBytes + maxFrameBytes);
    const frames = decoded.frames.map(({ frame, end }) => ({ frame, after: { segment: start.segment, offset: start.offset + end } }));
    at = frames.at(-1)?.after ?? at;
    return frames;
  };
  return {
    next(maxBytes) {
      for (;;) {
        const later = segments(folder).find((segment) => segment > at.segment); // looked up first: a segment with a successor is complete
        const frames = read(maxBytes);
        if (frames.length > 0 || later === undefined) return frames;
        at = { segment: later, offset: 0 }; // what is left of the old segment, if anything, is a torn tail
      }
    },
    trim(position) {
      done = position;
      try {
        writeFileSync(positionFile, JSON.stringify(position));
      } catch {
        // disk full: the next reader sends again what the store already has, which is harmless
      }
      for (const segment of segments(folder)) if (segment < position.segment) rmSync(segmentPath(folder, segment), { force: true });
    },
    rewind() {
      at = done;
    },
    close: release,
  };
}

function readPosition(path: string): Position | null {
  try {
    const { segment, offset } = JSON.parse(readFileSync(path, 'utf8')) as Position;
    return Number.isSafeInteger(segment) && Number.isSafeInteger(offset) ? { segment, offset } : null;
  } catch {
    return null; // not there, or torn: start at the first segment
  }
}
