import fc from 'fast-check';

/** One damage to a file. */
export type Mutation =
  | { readonly kind: 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'splice'; readonly from: number; readonly length: number; readonly to: number }
  | { readonly kind: 'remove'; readonly at: number; readonly length: number };

/** One to four damages within the first `length` bytes; most are single bytes, which keep a file nearly whole. */
export function mutations(length: number): fc.Arbitrary<readonly Mutation[]> {
  const place = fc.nat({ max: length - 1 });
  const run = fc.integer({ min: 1, max: 64 });
  const value = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 }));
  return fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('set' as const), at: place, value }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: place }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('splice' as const), from: place, length: run, to: place }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: place, length: run }) },
    ),
    { minLength: 1, maxLength: 4 },
  );
}

/** A damaged copy. */
export function mutate(bytes: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  return changes.reduce(apply, bytes.slice());
}

function apply(bytes: Uint8Array, change: Mutation): Uint8Array {
  switch (change.kind) {
    case 'set':
      if (change.at < bytes.length) bytes[change.at] = change.value;
      return bytes;
    case 'cut':
      return bytes.slice(0, change.at);
    case 'splice':
      return insert(bytes, change.to, bytes.slice(change.from, change.from + change.length));
    case 'remove':
      return insert(bytes.slice(0, change.at), change.at, bytes.slice(change.at + change.length));
  }
}

function insert(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + piece.length);
  whole.set(bytes.subarray(0, at));
  whole.set(piece, Math.min(at, bytes.length));
  whole.set(bytes.subarray(at), Math.min(at, bytes.length) + piece.length);
  return whole;
}
