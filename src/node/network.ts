/** Statuses by which a server says "not now", beside those from 500 on. */
const TRY_AGAIN: readonly number[] = [408, 425, 429];

/** Whether a later request may get another answer than this status. */
export function isPassing(status: number): boolean {
  return status >= 500 || TRY_AGAIN.includes(status);
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
