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

/** Levels of lists and objects. What goes through a body afterwards calls itself at each. */
const maxDepth = 500;

function checkDepth(body: Buffer): void {
  const [quote, backslash] = [0x22, 0x5c];
  let depth = 0;
  let inText = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    if (inText && byte === backslash) at++;
    else if (byte === quote) inText = !inText;
    else if (!inText && (byte === 0x5b || byte === 0x7b) && ++depth > maxDepth)
      throw new HttpError(400, `body: lists and objects nest at most ${maxDepth} deep, got more`);
    else if (!inText && (byte === 0x5d || byte === 0x7d)) depth--;
  }
}

export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const body = await readBody(request, maxBytes);
  checkDepth(body);
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
