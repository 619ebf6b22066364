import { ResedgeError } from '../../errors.ts';

/** An address to deliver to. */
export type Address = {
  readonly url: URL;
  /** Decoded; empty where there is none. */
  readonly user: string;
  readonly password: string;
  /** What may be shown: neither user, password, path nor query, which hold secrets. */
  readonly shown: string;
};

/** Parses an address of one of the given schemes. Throws `usage`, and does not repeat what it was given. */
export function parseAddress(text: string, option: string, schemes: readonly string[]): Address {
  try {
    const url = new URL(text);
    const scheme = url.protocol.slice(0, -1);
    if (url.hostname !== '' && schemes.includes(scheme)) {
      const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
      return { url, user, password, shown: `${scheme}://${url.host}` };
    }
  } catch {
    // The error would repeat the address.
  }
  const forms = schemes.map((name) => `${name}://host`).join(' or ');
  const unseen = 'what came is not shown, it may hold a password';
  throw new ResedgeError('usage', `${option}: expected an address such as ${forms} (${unseen})`);
}
