/**
 * @file An async generator that ends when it is told to. `return()` on a plain one waits until its pending `await` settles, and one that
 * sleeps until the next ring may wait for ever: this aborts the signal it sleeps on first.
 */
export function closable<T>(make: (signal: AbortSignal) => AsyncGenerator<T, void, void>): AsyncGenerator<T, void, void> {
  const controller = new AbortController();
  const inner = make(controller.signal);
  const generator: AsyncGenerator<T, void, void> = {
    next: () => inner.next(),
    return(value) {
      controller.abort();
      return inner.return(value);
    },
    throw(error) {
      controller.abort();
      return inner.throw(error);
    },
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => void (await generator.return()),
  };
  return generator;
}
