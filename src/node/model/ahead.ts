/**
 * Works on `items` with at most `inFlight` under way at once and gives the results in the order of the items. What fails rejects in its
 * turn, and nothing begins after it. Once the caller stops, what is under way ends by itself.
 */
export async function* ahead<T, R>(
  items: readonly T[],
  inFlight: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const pending: Promise<R>[] = [];
  let next = 0;
  while (next < items.length || pending.length > 0) {
    while (next < items.length && pending.length < inFlight) {
      const started = work(items[next++]!);
      // It is awaited in turn; until then a rejection is not unhandled.
      started.catch(() => undefined);
      pending.push(started);
    }
    yield await pending.shift()!;
  }
}
