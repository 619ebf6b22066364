import { createHash, type Hash } from 'node:crypto';
import type { Check } from './types.ts';

/** Digests of bytes as they come; `git` needs the whole size before the first byte. */
export type Digest = {
  readonly update: (chunk: Uint8Array) => void;
  readonly finish: () => { readonly sha256: string; readonly git?: string };
};

/** Starts the digests that a check needs, and SHA-256 always. */
export function startDigest(check: Check, bytes: number | undefined): Digest {
  const sha256 = createHash('sha256');
  const git = check.kind === 'git' && bytes !== undefined ? gitHash(bytes) : undefined;
  return {
    update: (chunk) => {
      sha256.update(chunk);
      git?.update(chunk);
    },
    finish: () => ({ sha256: sha256.digest('hex'), ...(git ? { git: git.digest('hex') } : {}) }),
  };
}

function gitHash(bytes: number): Hash {
  return createHash('sha1').update(`blob ${bytes}\0`);
}

/** What is wrong with digests, in words; undefined where they are what the check expects. */
export function mismatch(check: Check, found: { readonly sha256: string; readonly git?: string }): string | undefined {
  switch (check.kind) {
    case 'none':
      return undefined;
    case 'sha256':
      return found.sha256.startsWith(check.hex) ? undefined : expected('SHA-256', check.hex, found.sha256);
    case 'git':
      return found.git === check.hex ? undefined : expected('Git object', check.hex, found.git ?? 'none');
  }
}

function expected(what: string, wanted: string, found: string): string {
  return `expected ${what} ${wanted}, received ${found.slice(0, wanted.length)}`;
}

/** How a file was checked, in words. */
export function describeCheck(check: Check): string {
  switch (check.kind) {
    case 'none':
      return 'nobody states what it has to be';
    case 'git':
      return 'as the hub states';
    case 'sha256':
      return check.hex.length === 64 ? 'as stated' : `its first ${check.hex.length} digits as stated`;
  }
}
