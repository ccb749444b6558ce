'use client';
/** @file Windows of metrics, asked for together: what charts want within a frame goes in few requests. */
import { request } from './client.ts';
import type { WindowAnswer } from './series.ts';

export interface WindowWish {
  readonly runId: string;
  readonly metric: string;
  readonly range: readonly [number, number] | null;
  readonly pixels: number;
}

const mostPerRequest = 8;
const fields = 'metric width level from to rows totalRows firstSteps min max mean last nonFinite cursor seams { attempt step reason }';
type Waiting = WindowWish & { resolve: (answer: WindowAnswer) => void; reject: (error: Error) => void };
let waiting: Waiting[] = [];

export function askWindow(wish: WindowWish): Promise<WindowAnswer> {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setTimeout(send, 10);
    waiting.push({ ...wish, resolve, reject });
  });
}

function send(): void {
  const wishes = waiting;
  waiting = [];
  for (let at = 0; at < wishes.length; at += mostPerRequest) void ask(wishes.slice(at, at + mostPerRequest));
}

async function ask(wishes: readonly Waiting[]): Promise<void> {
  const heads = wishes.map((_, i) => `$r${i}: ID!, $m${i}: String!, $f${i}: Float, $t${i}: Float, $p${i}: Int!`).join(', ');
  const asks = wishes.map(
    (_, i) => `w${i}: metricWindow(runId: $r${i}, metric: $m${i}, fromStep: $f${i}, toStep: $t${i}, pixels: $p${i}) { ${fields} }`,
  );
  const variables = Object.fromEntries(
    wishes.flatMap(({ runId, metric, range, pixels }, i) => [
      [`r${i}`, runId],
      [`m${i}`, metric],
      [`f${i}`, range?.[0] ?? null],
      [`t${i}`, range?.[1] ?? null],
      [`p${i}`, pixels],
    ]),
  );
  try {
    const answer = await request<Record<string, WindowAnswer>>(`query (${heads}) { ${asks.join(' ')} }`, variables);
    wishes.forEach(({ resolve }, i) => resolve(answer[`w${i}`]!));
  } catch (error) {
    for (const { reject } of wishes) reject(error as Error);
  }
}
