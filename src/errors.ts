/**
 * What went wrong, as a literal the caller can branch on:
 * `usage` wrong option or argument; `input` a file or value that cannot be used as it is; `unsupported` well-formed but not
 * handled; `limit` larger than a named limit; `unavailable` not present on this machine (the one code that lets a backend
 * plan fall through); `io` the file system or network refused; `internal` a defect of this program.
 */
export type ErrorCode = 'usage' | 'input' | 'unsupported' | 'limit' | 'unavailable' | 'io' | 'internal';

/** What would break a line or a terminal, in names that files bring along. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Longest message, in characters: names that files bring along may be longer than any screen. What comes last says how to mend it. */
const MAX_MESSAGE = 2000;
const MAX_END = 400;

/** The one error of this project. The message is one line: what was expected, where, what came, and how to mend it. */
export class ResedgeError extends Error {
  override readonly name = 'ResedgeError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(shortened(message).replace(BREAKS, '?'), options);
    this.code = code;
  }
}

/** True for a {@link ResedgeError}, optionally of the given code. */
export function isResedgeError(error: unknown, code?: ErrorCode): error is ResedgeError {
  return error instanceof ResedgeError && (code === undefined || error.code === code);
}

function shortened(message: string): string {
  if (message.length <= MAX_MESSAGE) return message;
  return `${message.slice(0, MAX_MESSAGE - MAX_END)} ... ${message.slice(-MAX_END)}`;
}
