/** Tells whether a value has been the same for `ms` milliseconds, this moment included; a clock set back starts the wait again. */
export function holding<T>(ms: number): (value: T, at: number) => boolean {
  let held: { readonly value: T } | undefined;
  let since = 0;
  return (value, at) => {
    if (held === undefined || held.value !== value) {
      held = { value };
      since = at;
    }
    since = Math.min(since, at);
    return at - since >= ms;
  };
}
