/** @file Brings a spec's data into memory: made from the seed, or read from files in a folder or under an address of the user's. */
import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { readFile, stat } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { entry } from '#core/catalog.ts';
import type { Data } from '#core/define.ts';
import { rng } from '#core/rng.ts';
import type { Spec } from '#core/spec.ts';

export interface Loaded {
  readonly train: Data;
  readonly heldOut: Data;
  /** SHA-256 of each file as it was found, in hex. */
  readonly checksums: Readonly<Record<string, string>>;
}

const maxFileBytes = 1024 * 1024 * 1024;
const timeoutMs = 120_000;

/** @throws Error that names the file and says what is wrong with it */
export async function loadData(spec: Spec): Promise<Loaded> {
  const dataset = entry('dataset', spec.dataset.kind);
  if (dataset.generate) return { ...dataset.generate(rng(Number(spec.dataset.seed), 'data'), spec.dataset), checksums: {} };
  const place = String(spec.dataset.path);
  if (place === '') throw new Error(`dataset.path: ${spec.dataset.kind} needs a folder or an http(s) address, got nothing`);
  const files = new Map<string, Uint8Array>();
  const checksums: Record<string, string> = {};
  for (const name of dataset.files!.wanted(spec.dataset)) {
    const { found, bytes } = await readEither(place, name);
    checksums[found] = createHash('sha256').update(bytes).digest('hex');
    files.set(name, found.endsWith('.gz') ? await promisify(gunzip)(bytes, { maxOutputLength: maxFileBytes }) : bytes);
  }
  return { ...dataset.files!.parse(files, spec.dataset), checksums };
}

/** The file, or the same with `.gz`. */
async function readEither(place: string, name: string): Promise<{ found: string; bytes: Uint8Array }> {
  const read = /^https?:\/\//.test(place) ? readAddress : readFolder;
  const bytes = await read(place, name);
  if (bytes) return { found: name, bytes };
  const packed = await read(place, `${name}.gz`);
  if (packed) return { found: `${name}.gz`, bytes: packed };
  throw new Error(`${join(place, name)}: no such file (nor with .gz)`);
}

async function readFolder(folder: string, name: string): Promise<Uint8Array | null> {
  const path = join(folder, name);
  try {
    const { size } = await stat(path);
    if (size > maxFileBytes) throw new Error(`${path}: at most ${maxFileBytes} bytes, got ${size}`);
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readAddress(address: string, name: string): Promise<Uint8Array | null> {
  const url = new URL(name, address.endsWith('/') ? address : `${address}/`);
  await refusePrivate(url);
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${url.href}: the server answered ${answer.status}`);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of answer.body!) {
    length += part.length;
    if (length > maxFileBytes) throw new Error(`${url.href}: at most ${maxFileBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const privateRanges = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['224.0.0.0', 3],
] as const)
  privateRanges.addSubnet(net, bits);
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  privateRanges.addSubnet(net, bits, 'ipv6');

/**
 * A spec comes from whoever may write one; it must not make a worker read what only this machine or its network can.
 * `PLATEAU_PRIVATE_ADDRESSES=1` on the worker allows it, for data kept in house.
 */
async function refusePrivate({ hostname, href }: URL): Promise<void> {
  if (process.env.PLATEAU_PRIVATE_ADDRESSES === '1') return;
  const host = hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : await lookup(host, { all: true });
  for (const { address, family } of addresses)
    if (privateRanges.check(address, family === 6 ? 'ipv6' : 'ipv4') || address.startsWith('::ffff:'))
      throw new Error(`${href}: ${address} is a private address; a worker reads those only with PLATEAU_PRIVATE_ADDRESSES=1`);
}
