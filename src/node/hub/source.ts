import { ResedgeError } from '../../errors.ts';
import type { Source } from './types.ts';

const TORCHVISION = /^torchvision\/(\w+)(?:@(\w+))?$/;
const PART = '[A-Za-z0-9][\\w.-]{0,95}';
const HUGGING_FACE = new RegExp(`^hf:(${PART})/(${PART})(?:@([\\w./-]{1,100}?))?((?:/${PART})*)$`);
const HUGGING_FACE_HOSTS: readonly string[] = ['huggingface.co', 'www.huggingface.co', 'hf.co'];
const SHA256 = /^#sha256=([0-9a-f]{64})$/i;

/**
 * The hub that a text names: `torchvision/<network>[@version]`, `hf:<owner>/<name>[@revision][/file]`, or an https address, of a file
 * or of a page of Hugging Face. Undefined for anything else, such as a path. Throws `usage` for a name that is malformed.
 */
export function hubSource(text: string): Source | undefined {
  if (text.startsWith('hf:')) return huggingFace(text);
  if (/^https?:\/\//i.test(text)) return address(text);
  const [, network, version] = TORCHVISION.exec(text) ?? [];
  if (network === undefined) return undefined;
  return { kind: 'torchvision', network, ...(version === undefined ? {} : { version: version.toLowerCase() }) };
}

function huggingFace(text: string): Source {
  const [, owner, name, revision = 'main', file] = HUGGING_FACE.exec(text) ?? [];
  if (owner === undefined || name === undefined || revision.includes('..')) {
    throw new ResedgeError(
      'usage',
      `expected hf:<owner>/<name>, hf:<owner>/<name>@<revision> or hf:<owner>/<name>/<file>, received ${text}`,
    );
  }
  return { kind: 'huggingface', owner, name, revision, ...(file ? { file: file.slice(1) } : {}) };
}

function address(text: string): Source {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isPrivate(url)) {
    throw new ResedgeError('usage', `expected an https address to pull from, received ${shownAddress(text)}`);
  }
  const page = HUGGING_FACE_HOSTS.includes(url.hostname) ? pageOf(url) : undefined;
  if (page) return page;
  const [, sha256] = SHA256.exec(url.hash) ?? [];
  if (url.hash !== '' && sha256 === undefined) {
    throw new ResedgeError(
      'usage',
      `expected #sha256= and 64 hexadecimal digits after the address, received ${url.hash}`,
    );
  }
  url.hash = '';
  return { kind: 'url', url, ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }) };
}

/** True for an address that nobody on the way can read along with. */
export function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** A repository's page, or a file's within it, as a browser shows them. */
function pageOf({ pathname }: URL): Source | undefined {
  const [owner, name, view, revision, ...file] = pathname.split('/').filter((part) => part !== '');
  if (owner === undefined || name === undefined) return undefined;
  if (view === undefined) return huggingFace(`hf:${owner}/${name}`);
  if (revision === undefined || !['tree', 'blob', 'resolve'].includes(view)) return undefined;
  return huggingFace(['hf:', owner, '/', name, '@', revision, ...file.map((part) => `/${part}`)].join(''));
}

/** An address without user, password and query, which hold secrets. */
export function shownAddress(address: string | URL): string {
  try {
    const { protocol, host, pathname } = new URL(address);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'what is no address';
  }
}
