import { type ErrorCode, isResedgeError } from '../../errors.ts';

/** What a request that failed is answered. */
export type Failure = { readonly status: number; readonly error: string };

/** Seconds after which to try again. */
export const RETRY_AFTER = '1';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  usage: 400,
  input: 422,
  unsupported: 422,
  limit: 413,
  unavailable: 503,
  io: 500,
  internal: 500,
};

/** Of the framework's own errors those that a client can mend, in this project's words. */
const SAID: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'expected a picture as the body, with its Content-Type, as image/jpeg',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'expected JSON as the body, it is empty',
  FST_ERR_CTP_INVALID_JSON_BODY: 'expected JSON as the body, it is something else',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'expected as many bytes as the header Content-Length says, others came',
  FST_ERR_HANDLER_TIMEOUT: 'expected an answer in time, there is too much to do: try again',
  FST_ERR_BAD_URL: 'expected a path, it cannot be decoded',
};

/** Status and one line for an error; nothing of a defect's inside is told. */
export function failureOf(error: unknown, maxBytes: number): Failure {
  if (isResedgeError(error)) return { status: STATUS[error.code], error: error.message };
  const { code = '', statusCode = 500 } = error as { readonly code?: string; readonly statusCode?: number };
  if (statusCode === 413) return { status: 413, error: `expected at most ${maxBytes} bytes, the upload has more` };
  const said = SAID[code];
  if (said !== undefined) return { status: statusCode, error: said };
  if (statusCode < 500)
    return { status: statusCode, error: `expected another request, the server cannot use this one (${code})` };
  return { status: 500, error: 'the server failed: its log says more' };
}
