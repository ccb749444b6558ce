/**
 * @file GraphQL over WebSocket (graphql-ws) on the same port. One execution and one text per event for all (live/share.ts); a socket has
 * one message on its way at a time, so a client that does not read holds one page, and is cut when it does not answer a ping.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { getOperationAST, GraphQLError, parse, specifiedRules, validate } from 'graphql';
import type { DocumentNode, ExecutionArgs, ExecutionResult } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { sharedSubscribe } from './live/share.ts';
import type { Shared } from './live/share.ts';
import { limits, limitsRule } from './limits.ts';
import { refusalOf } from './origin.ts';
import { schema } from './schema/schema.ts';
import type { Context } from './schema/builder.ts';
import { createLoaders } from './store/loaders.ts';
import type { Services } from './services.ts';
import { tellError } from './tellError.ts';

const maxSockets = 2_000;
const maxSubscriptions = 200;
const pingMs = 12_000;
const keptDocuments = 500;

interface Extra {
  readonly socket: WebSocket;
  readonly person: Context['person'];
  readonly turn: Turn;
}

/** One at a time. */
interface Turn {
  take(): Promise<() => void>;
}
function createTurn(): Turn {
  let last: Promise<void> = Promise.resolve();
  return {
    async take() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const before = last;
      last = promise;
      await before;
      return resolve;
    },
  };
}

/** One text message in three fragments: the bytes that all share go to the kernel without a copy. */
function sendShared(socket: WebSocket, id: string, json: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState !== socket.OPEN) return resolve();
    socket.send(`{"id":${JSON.stringify(id)},"type":"next","payload":`, { binary: false, fin: false });
    socket.send(json, { binary: false, fin: false });
    // Called when it has left for the kernel: a client that does not read holds us up here.
    socket.send('}', { binary: false, fin: true }, () => resolve());
  });
}

/** Writes the results itself, each in the socket's turn; graphql-ws sees only the end. */
function relay(results: AsyncGenerator<Shared, void, void>, { socket, turn }: Extra, id: string): AsyncGenerator<never, void, void> {
  let ended = false;
  const relayed: AsyncGenerator<never, void, void> = {
    async next() {
      for (;;) {
        const result = await results.next();
        if (result.done || ended) return { done: true, value: undefined };
        const free = await turn.take();
        try {
          if (!ended) await sendShared(socket, id, result.value.json);
        } finally {
          free();
        }
      }
    },
    async return() {
      ended = true;
      await results.return();
      return { done: true, value: undefined };
    },
    async throw(error) {
      ended = true;
      await results.return();
      throw error;
    },
    [Symbol.asyncIterator]: () => relayed,
    [Symbol.asyncDispose]: async () => void (await relayed.return()),
  };
  return relayed;
}

export interface Sockets {
  count(): number;
  /** Bytes held for clients that have not taken them yet. */
  buffered(): number;
  close(): Promise<void>;
}

export function createSockets(
  http: Server,
  services: Services,
  { personOf, dev }: { personOf: (request: IncomingMessage) => Promise<Context['person']>; dev: boolean },
): Sockets {
  const documents = new Map<string, DocumentNode | readonly GraphQLError[]>();
  const fresh = (context: unknown): Context => ({ ...(context as Context), loaders: createLoaders(services.client.db) });

  /** Parsed and validated once per text; the same document object lets live/share.ts know it again. */
  function documentOf(query: string): DocumentNode | readonly GraphQLError[] {
    const kept = documents.get(query);
    if (kept) return kept;
    let made: DocumentNode | readonly GraphQLError[];
    try {
      made = parse(query, { maxTokens: limits.tokens });
      const errors = validate(schema, made, [...specifiedRules, limitsRule]);
      if (errors.length > 0) made = errors;
    } catch (error) {
      made = [error instanceof GraphQLError ? error : new GraphQLError(String(error))];
    }
    documents.set(query, made);
    if (documents.size > keptDocuments) documents.delete(documents.keys().next().value!);
    return made;
  }

  const tell = (error: GraphQLError) => tellError(error.toJSON(), error, services.log);

  const server = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: 5_000,
    onSubscribe(ctx, _id, { query, operationName, variables }) {
      if (Object.keys(ctx.subscriptions).length > maxSubscriptions)
        return [new GraphQLError(`subscriptions: at most ${maxSubscriptions} per socket`)];
      const document = documentOf(query);
      if (!('kind' in document)) return document;
      const { person } = ctx.extra;
      const contextValue: Context = { services, person, loaders: createLoaders(services.client.db) };
      return { schema, document, operationName, variableValues: variables, contextValue } as ExecutionArgs;
    },
    // shared results are bytes already, which `relay` sends past the library
    subscribe: (args) => sharedSubscribe(args, fresh, tell) as unknown as Promise<ExecutionResult>,
    // the library writes errors as they are formatted; ours are formatted already
    onNext: (_ctx, _id, _payload, _args, result) =>
      (result.errors ? { ...result, errors: result.errors.map(tell) } : result) as unknown as ExecutionResult,
    onOperation: (ctx, id, _payload, args, result) =>
      getOperationAST(args.document, args.operationName)?.operation === 'subscription' && Symbol.asyncIterator in result
        ? relay(result as unknown as AsyncGenerator<Shared, void, void>, ctx.extra, id)
        : undefined,
  });

  const sockets = new WebSocketServer({ noServer: true, handleProtocols, maxPayload: limits.bodyBytes, perMessageDeflate: false });

  async function open(socket: WebSocket, request: IncomingMessage): Promise<void> {
    socket.on('error', () => socket.terminate());
    let answered = true;
    socket.on('pong', () => (answered = true));
    const ping = setInterval(() => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
    }, pingMs);
    const early: Buffer[] = [];
    const keep = (data: Buffer) => void early.push(data);
    socket.on('message', keep);
    const person = await personOf(request).catch(() => null);
    socket.off('message', keep);
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (data) =>
          new Promise((resolve) => {
            if (socket.readyState !== socket.OPEN) return resolve();
            // Called when the text has left for the kernel: a client that does not read holds us up here, with one message.
            socket.send(data, () => resolve());
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage(hear) {
          const take = (data: unknown) =>
            hear(String(data)).catch((error: Error) => {
              services.log(`socket: ${error.message}`);
              socket.close(CloseCode.InternalServerError, 'internal server error');
            });
          socket.on('message', take);
          for (const data of early) void take(data);
        },
      },
      { socket, person, turn: createTurn() },
    );
    let over = false;
    const end = (code: number, reason: unknown) => {
      if (over) return;
      over = true;
      clearInterval(ping);
      void closed(code, String(reason));
    };
    socket.once('close', end);
    if (socket.readyState === socket.CLOSED) end(1006, '');
  }

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '').split('?')[0];
    if (path !== '/graphql') {
      // In development Next's own listener takes its hot-reload socket.
      if (!dev || !path!.startsWith('/_next/')) socket.destroy();
      return;
    }
    const refusal = refusalOf(request, { write: true }) ?? (sockets.clients.size >= maxSockets ? `sockets: at most ${maxSockets}` : null);
    if (refusal || services.stopping.aborted) {
      socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${refusal ?? 'the server is stopping'}\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => void open(opened, request));
  });

  return {
    count: () => sockets.clients.size,
    buffered: () => [...sockets.clients].reduce((sum, socket) => sum + socket.bufferedAmount, 0),
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'the server is stopping');
      // Those that do not read do not answer either.
      const force = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), 500);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      const until = Date.now() + 1_000;
      while (sockets.clients.size > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
      clearTimeout(force);
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}
