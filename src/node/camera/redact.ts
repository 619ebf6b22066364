/** Names of query parameters, and of a pipeline's properties, whose values are nobody's business. */
const SECRET_NAMES = /((?:^|[?&\s])[^=&\s]*(?:pass|pwd|token|key|secret|auth|user|login)[^=&\s]*=)[^&\s'"]+/gi;

/** A name and password before the host of an address, up to the last @, since a password may hold a slash. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s'"]*@/gi;

/** Shorter secrets would hit ordinary words. */
const MIN_SECRET = 3;

/** A text without the passwords of addresses in it, and without those of `address` in any form. */
export function redact(text: string, address = ''): string {
  let clean = text.replace(USER_INFO, '$1***@').replace(SECRET_NAMES, '$1***');
  for (const secret of secretsOf(address)) clean = clean.replaceAll(secret, '***');
  return clean;
}

function secretsOf(address: string): readonly string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^:/\s]*:([^/\s]*)@/i.exec(address)?.[1] ?? '';
  return [password, decoded(password)].filter((secret) => secret.length >= MIN_SECRET);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
