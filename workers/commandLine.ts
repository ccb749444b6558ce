/** @file What the commands share: flags and files as they are asked for, refusals in one sentence, and output that is written whole. */
import { readFileSync, statSync, writeSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What was asked for is not understood or not allowed: the message says what, exit code 2. */
export class UsageError extends Error {}

/** @throws UsageError with Node's first sentence: the ones behind it tell how to pass what begins with a dash */
export function readArguments<const Config extends ParseArgsConfig>(command: string, config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const sentence = (error as Error).message.split(/\.\s/)[0]!.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
    throw new UsageError(`${sentence}; plateau ${command} --help tells what there is`);
  }
}

export function wholeNumber(flag: string, text: string, least: number, most = Infinity): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  const allowed = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  if (!(value >= least && value <= most)) throw new UsageError(`${flag} must be an integer ${allowed}, got ${JSON.stringify(text)}`);
  return value;
}

/** http or https, with a path where the server lives below one; a query or a password would be lost or refused on the way. */
export function serverAddress(text: string): string {
  const url = URL.parse(text);
  const fits = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!fits) throw new UsageError(`--server must be an address such as http://localhost:3000, got ${JSON.stringify(text)}`);
  return text;
}

/** Beyond this arrays belong into files of their own. */
const maxJsonBytes = 512 * 1024 * 1024;

/**
 * The JSON of a file, or of standard input where that is `-`.
 * @param what is read, in words: the spec, the question
 * @param check throws where the text of JSON says what its value does not show
 */
export function readJson(file: string, what: string, check: (text: string) => void = () => {}): unknown {
  let bytes: Buffer;
  try {
    if (file !== '-') checkReadable(file);
    bytes = readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new UsageError(`${what} cannot be read: ${(error as Error).message}`);
  }
  const name = file === '-' ? 'standard input' : file;
  if (bytes.length > maxJsonBytes)
    throw new UsageError(`${name} has ${bytes.length} bytes, at most ${maxJsonBytes} are read; put arrays into an .npz file`);
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${(error as Error).message}`);
  }
  check(text);
  return value;
}

/** A device has no end, and a file that is too large need not be read to say so. */
function checkReadable(file: string): void {
  const about = statSync(file);
  if (!about.isFile() && !about.isFIFO()) throw new Error(`${file} is no file; - reads standard input`);
  if (about.size > maxJsonBytes) throw new Error(`${file} has ${about.size} bytes, at most ${maxJsonBytes} are read`);
}

/** @returns false where the reader has gone, which is no fault of ours; all is written when it returns */
export function writeWhole(descriptor: number, text: string): boolean {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;)
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return false;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // a pipe that is full: its reader is behind
    }
  return true;
}
