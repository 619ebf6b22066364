import { ResedgeError } from '../../errors.ts';

/** What the environment says about hubs. */
export type HubSettings = {
  readonly huggingFace: URL;
  /** A header's value for Hugging Face. */
  readonly authorization?: string;
  /** A mirror of torchvision's files; undefined for their own place. */
  readonly torchvision?: URL;
  readonly offline: boolean;
};

/** Set to 1: nothing is asked of the network. */
export const OFFLINE_VARIABLE = 'RESEDGE_OFFLINE';

const HUGGING_FACE = 'https://huggingface.co/';
/** What Hugging Face's own tools take for yes. */
const YES = /^(1|true|yes|on)$/i;

/**
 * Reads `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`, `TORCHVISION_ENDPOINT` and `RESEDGE_OFFLINE`. Throws `usage` for a mirror that is
 * no address.
 */
export function hubSettings(env: NodeJS.ProcessEnv, offline = false): HubSettings {
  const token = env['HF_TOKEN']?.trim();
  const torchvision = mirror(env, 'TORCHVISION_ENDPOINT');
  return {
    huggingFace: mirror(env, 'HF_ENDPOINT') ?? new URL(HUGGING_FACE),
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(torchvision ? { torchvision } : {}),
    offline: offline || [OFFLINE_VARIABLE, 'HF_HUB_OFFLINE'].some((name) => YES.test(env[name] ?? '')),
  };
}

/** A base address; it ends with a slash, so that names can be put behind it. */
function mirror(env: NodeJS.ProcessEnv, name: string): URL | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ResedgeError('usage', `${name}: expected an address such as ${HUGGING_FACE}`);
  }
  return new URL(`${url.origin}${url.pathname.replace(/\/*$/, '/')}`);
}
