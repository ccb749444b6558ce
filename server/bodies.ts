/** @file Bodies of requests, bounded; answers as JSON. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** An answer other than 200, with its sentence. */
export class HttpError extends Error {
  readonly status: number;
  readonly more: Record<string, unknown>;
  constructor(status: number, message: string, more: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.more = more;
  }
}

export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  const tooLarge = (bytes: number) => new HttpError(413, `body: at most ${maxBytes} bytes, got ${bytes}`);
  if (announced > maxBytes) throw tooLarge(announced);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maxBytes) throw tooLarge(bytes);
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof HttpError ? error : new HttpError(400, 'body: the connection was cut');
  }
  if (request.headers['content-length'] !== undefined && bytes !== announced)
    throw new HttpError(400, `body: ${announced} bytes were announced, got ${bytes}`);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, bytes);
}

export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const body = await readBody(request, maxBytes);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new HttpError(400, 'body: must be JSON');
  }
}

export function answer(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** The database is away or on its way: worth trying again, unlike a mistake. */
export function databaseAway(error: unknown): boolean {
  const { code, message = '', cause } = (error ?? {}) as { code?: string; message?: string; cause?: unknown };
  if (code && (/^(08|57P|53)/.test(code) || ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT'].includes(code))) return true;
  if (
    /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|connection ended/i.test(
      message,
    )
  )
    return true;
  return cause !== undefined && cause !== error && databaseAway(cause);
}
