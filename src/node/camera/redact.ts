/** Parts of the names of query parameters, and of a pipeline's properties, whose values are nobody's business. */
const SECRET = '(?:pass|pwd|token|key|secret|auth|user|login)';
const SECRET_NAMES = new RegExp(`((?:^|[?&\\s])[^=&\\s]*${SECRET}[^=&\\s]*=)[^&\\s'"]+`, 'gi');
const SECRET_PROPERTY = new RegExp(`^([^=:]*${SECRET}[^=:]*=).+`, 'is');

/** A name and password before the host of an address, up to the last @, since a password may hold a slash. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s'"]*@/gi;

/** The same in a word of its own, where a password may hold blanks and quotes. */
const USER_IN_WORD = /([a-z][a-z0-9+.-]*:\/\/).*@/is;

/** The same in what was meant as an address: with one slash, or without a scheme. */
const MISTYPED = /^([a-z][a-z0-9+.-]*:\/+)?[^\s'"]*@/i;

/** Shorter secrets would hit ordinary words. */
const MIN_SECRET = 3;

/** A text without the passwords of addresses in it, and without those of `address` in any form. */
export function redact(text: string, address = ''): string {
  let clean = text.replace(USER_INFO, '$1***@').replace(SECRET_NAMES, '$1***');
  for (const secret of secretsOf(address)) clean = clean.replaceAll(secret, '***');
  return clean;
}

/** What is no source, without what may have been meant as its password. */
export function redactMistyped(text: string): string {
  return redact(text.replace(MISTYPED, '$1***@'));
}

/** A pipeline's words as a line without passwords, which may hold blanks. */
export function redactWords(words: readonly string[]): string {
  const clean = (word: string): string => word.replace(SECRET_PROPERTY, '$1***').replace(USER_IN_WORD, '$1***@');
  return words.map((word) => redact(clean(word))).join(' ');
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
