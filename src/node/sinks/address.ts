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

/** Why a connection failed, in words. */
export function networkReason(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const reason = 'code' in at ? REASONS[String(at.code)] : undefined;
    if (reason !== undefined) return reason;
    if (at.name === 'TimeoutError') return 'no answer in time';
    if (at.cause === undefined) return at.message.split('\n')[0] || at.name;
  }
  return String(error);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'no answer in time',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};
