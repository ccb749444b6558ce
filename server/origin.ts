/** @file Who may ask: only our own pages, under our own name. Stops other sites' scripts, also those that rebind a name to this address. */
import type { IncomingMessage } from 'node:http';

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|[a-z0-9-]+\.localhost)(:\d+)?$/i;

export const isLoopbackHost = (host: string): boolean =>
  loopback.test(host.includes(':') && !host.startsWith('[') && host.split(':').length > 2 ? `[${host}]` : host);

/** Null where the request may pass, else the sentence. */
export function refusalOf({ headers }: Pick<IncomingMessage, 'headers'>, { write }: { write: boolean }): string | null {
  const { host, origin } = headers;
  if (!host || !isLoopbackHost(host)) return `host must be this machine's loopback name, got ${JSON.stringify(host ?? null)}`;
  if (!write) return null;
  if (origin === undefined) {
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none'
      ? null
      : `sec-fetch-site must be same-origin, got ${String(site)}`;
  }
  try {
    if (new URL(origin).host === host) return null;
  } catch {
    // "null" and the like.
  }
  return `origin must be this server's own, got ${JSON.stringify(origin)}`;
}
