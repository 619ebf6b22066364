/** Runs actions strictly one after the other, in the order asked for; one that fails does not stop the next. */
export type Queue = <T>(action: () => Promise<T>) => Promise<T>;

export function queue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const result = last.then(action);
    last = result.catch(() => undefined);
    return result;
  };
}
