import { posix } from 'node:path';
import { z } from 'zod';
import { ResedgeError } from '../../errors.ts';
import { chooseWeights } from './choose-weights.ts';
import { SAFE_NAME } from './safe-name.ts';
import type { HubSettings } from './settings.ts';
import type { Check, Listing, RemoteFile, Source } from './types.ts';

type HuggingFace = Extract<Source, { readonly kind: 'huggingface' }>;

/** What the hub says of a repository at one revision, as far as it is used. */
const REPOSITORY = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: z.number().int().nonnegative().nullish(),
        blobId: z.string().nullish(),
        lfs: z.object({ sha256: z.string(), size: z.number().int().nonnegative() }).nullish(),
      }),
    )
    .max(100_000),
});

/** Files that say what the weights are, and of which pictures. */
const BESIDE: readonly string[] = ['config.json', 'preprocessor_config.json'];

/** Where the hub describes a repository. */
export function descriptionOf({ owner, name, revision }: HuggingFace, { huggingFace }: HubSettings): URL {
  return new URL(`api/models/${owner}/${name}/revision/${encodeURIComponent(revision)}?blobs=true`, huggingFace);
}

/**
 * The weights of a repository and what lies beside them, from the hub's description of it. Throws `input` for a description that is
 * none, and where there are no weights or the file named is not there.
 */
export function listHuggingFace(source: HuggingFace, description: string, settings: HubSettings): Listing {
  const where = `hf:${source.owner}/${source.name}`;
  const { sha, siblings } = parse(where, description);
  const safe = new Map(siblings.filter((one) => SAFE_NAME.test(one.rfilename)).map((one) => [one.rfilename, one]));
  const weights = source.file ?? chooseWeights(where, [...safe.keys()]);
  const remote = (name: string): RemoteFile | undefined => {
    const found = safe.get(name);
    if (found === undefined) return undefined;
    const bytes = found.lfs?.size ?? found.size ?? undefined;
    return {
      name,
      url: new URL(`${source.owner}/${source.name}/resolve/${sha}/${name}`, settings.huggingFace),
      check: checkOf(found.lfs?.sha256, found.blobId, bytes),
      ...(bytes === undefined ? {} : { bytes }),
      ...(settings.authorization === undefined ? {} : { authorization: settings.authorization }),
    };
  };
  const first = remote(weights);
  if (first === undefined) throw new ResedgeError('input', `${where}: expected ${weights} among its files, found none`);
  return {
    place: `huggingface/${source.owner}/${source.name}/${sha.slice(0, 12)}`,
    files: [first, ...BESIDE.flatMap((name) => remote(name) ?? [])],
    beside: (name) => remote(posix.join(posix.dirname(weights), name)),
  };
}

function parse(where: string, description: string): z.infer<typeof REPOSITORY> {
  try {
    return REPOSITORY.parse(JSON.parse(description));
  } catch (cause) {
    throw new ResedgeError('input', `${where}: expected the hub's description of a model, received something else`, {
      cause,
    });
  }
}

function checkOf(sha256: string | undefined, blob: string | null | undefined, bytes: number | undefined): Check {
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return { kind: 'sha256', hex: sha256 };
  if (blob && /^[0-9a-f]{40}$/.test(blob) && bytes !== undefined) return { kind: 'git', hex: blob };
  return { kind: 'none' };
}
