import { createHash, type Hash } from 'node:crypto';
import { sha256Hex } from '../cache/digest.ts';
import { namedFiles } from '../formats/named-files.ts';
import { about } from './about.ts';
import { readBeside } from './external-data.ts';

export type SourceFile = { readonly name: string; readonly bytes: number; readonly sha256: string };

/** A source with the files that it names: how large they are together, and the SHA-256 of one after the other. */
export type SourceFiles = {
  readonly bytes: number;
  readonly sha256: string;
  /** Beside the source, in the order in which they follow it. */
  readonly named: readonly SourceFile[];
};

/**
 * The files that a source names, in their order; `visit` is given the bytes of each. Throws `input` or `io`, prefixed with the path, for
 * one that is missing or lies elsewhere.
 */
export function filesBeside(
  path: string,
  bytes: Uint8Array,
  visit: (bytes: Uint8Array) => void = () => undefined,
): readonly SourceFile[] {
  return about(path, () =>
    namedFiles(bytes).map((name) => {
      const found = readBeside(path, name, 'weights');
      visit(found);
      return { name, bytes: found.length, sha256: sha256Hex(found) };
    }),
  );
}

/** Size and digest of a source, whose own bytes have `sha256`, with the files that it names. Throws what {@link filesBeside} throws. */
export function sourceFiles(path: string, bytes: Uint8Array, sha256: string): SourceFiles {
  let whole: Hash | undefined;
  const named = filesBeside(path, bytes, (found) => {
    whole ??= createHash('sha256').update(bytes);
    whole.update(found);
  });
  const total = named.reduce((sum, file) => sum + file.bytes, bytes.length);
  return { bytes: total, sha256: whole?.digest('hex') ?? sha256, named };
}
