import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { ResedgeError } from '../../errors.ts';
import { mismatch } from './check.ts';
import { type Again, insist, type Patience } from './insist.ts';
import { locked } from './lock.ts';
import { openPartial, type PartialFile } from './partial-file.ts';
import { answerRefused, connectionFailed } from './refusal.ts';
import { type Answer, drop, get } from './request.ts';
import { shownAddress } from './source.ts';
import type { Check, OnProgress, PulledFile, RemoteFile } from './types.ts';

/** No larger file is pulled: none could be read. */
export const MAX_PULLED_BYTES: number = 2 ** 31 - 1;

export type Transfer = {
  readonly dispatcher: Dispatcher;
  readonly patience: Patience;
  readonly onProgress?: OnProgress;
};

/**
 * Downloads a file to `path`, going on where an earlier pull was cut. It has its name only once its size and hash are right. Throws
 * `io` for a network or a disk that fails, `input` for a file that is not what it has to be, `limit` for one that is too large.
 */
export async function download(file: RemoteFile, path: string, transfer: Transfer): Promise<PulledFile> {
  return await locked(`${path}.lock`, path, async () => {
    const partial = openPartial(path, file.check, file.bytes);
    const shown = shownAddress(file.url);
    try {
      for (let resumed = partial.size() > 0; ; resumed = false) {
        const check = await receive(file, partial, transfer);
        const digests = partial.digests();
        const wrong = mismatch(check, digests);
        if (wrong === undefined) {
          const bytes = partial.size();
          partial.finish();
          return { path, bytes, sha256: digests.sha256, check, kept: false };
        }
        // What an earlier pull left may belong to another file.
        partial.restart();
        if (!resumed)
          throw new ResedgeError('input', `${shown}: ${wrong}: the file is not what it has to be, nothing was kept`);
      }
    } finally {
      partial.keep();
    }
  });
}

/** Receives all bytes, by as many connections as it takes; returns what they have to be. */
async function receive(file: RemoteFile, partial: PartialFile, transfer: Transfer): Promise<Check> {
  const shown = shownAddress(file.url);
  let met = false;
  return await insist<Check>(
    async () => {
      if (partial.validator() === undefined && file.check.kind === 'none') partial.restart();
      const from = partial.size();
      let answer: Answer;
      try {
        answer = await get(file.url, requestOf(file, partial), transfer.dispatcher);
      } catch (error) {
        return connectionFailed(shown, error, met, false);
      }
      met = true;
      const begun = begin(file, partial, answer);
      if (begun.kind === 'again') return begun;
      try {
        for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
          if (partial.size() + chunk.length > (begun.total ?? MAX_PULLED_BYTES)) throw tooLong(shown, begun.total);
          partial.append(chunk);
          transfer.onProgress?.(file.name, partial.size(), begun.total);
        }
      } catch (error) {
        return connectionFailed(shown, error, met, partial.size() > from);
      }
      if (begun.total !== undefined && partial.size() < begun.total) {
        const reason = `${shown}: expected ${begun.total} bytes, the connection ended after ${partial.size()}`;
        return { kind: 'again', reason, progress: partial.size() > from };
      }
      return { kind: 'done', value: begun.check };
    },
    { left: () => leftover(partial), patience: transfer.patience },
  );
}

function requestOf({ authorization }: RemoteFile, partial: PartialFile) {
  const validator = partial.validator();
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(partial.size() > 0 ? { range: `bytes=${partial.size()}-` } : {}),
    ...(partial.size() > 0 && validator !== undefined ? { 'if-range': validator } : {}),
  };
}

type Begun = { readonly kind: 'begun'; readonly total: number | undefined; readonly check: Check };

/** Reads an answer's head and gets the partial file ready for its body. */
function begin(file: RemoteFile, partial: PartialFile, answer: Answer): Begun | Again {
  const shown = shownAddress(file.url);
  const { status, headers, linked } = answer;
  if (status !== 200 && status !== 206 && status !== 416) {
    drop(answer.body);
    return answerRefused(shown, answer);
  }
  const range = status === 206 ? rangeOf(headers) : undefined;
  if (status === 416 || (status === 206 && range?.from !== partial.size())) {
    drop(answer.body);
    const progress = partial.size() > 0;
    partial.restart();
    return { kind: 'again', reason: `${shown}: the server sent another part than was asked for`, progress };
  }
  if (status === 200 && partial.size() > 0) partial.restart();
  const total = status === 206 ? range?.total : lengthOf(headers);
  const stated = file.bytes ?? linked.bytes;
  const fault = faultOf(headers, total, stated);
  if (fault) {
    drop(answer.body);
    throw new ResedgeError(fault.code, `${shown}: ${fault.message}`);
  }
  partial.belongsTo(validatorOf(headers));
  const check: Check =
    file.check.kind === 'none' && linked.sha256 !== undefined ? { kind: 'sha256', hex: linked.sha256 } : file.check;
  return { kind: 'begun', total: total ?? stated, check };
}

function faultOf(
  { 'content-encoding': encoding }: IncomingHttpHeaders,
  total: number | undefined,
  stated: number | undefined,
): { readonly code: 'input' | 'limit'; readonly message: string } | undefined {
  if (encoding !== undefined && encoding !== 'identity') {
    return { code: 'input', message: `expected the file as it is, the server sends it in the encoding ${encoding}` };
  }
  if ((total ?? stated ?? 0) > MAX_PULLED_BYTES) {
    return { code: 'limit', message: `expected a file below 2 GiB, it has ${total ?? stated} bytes` };
  }
  if (total !== undefined && stated !== undefined && total !== stated) {
    return { code: 'input', message: `expected ${stated} bytes as the hub states, the server sends ${total}` };
  }
  return undefined;
}

function lengthOf({ 'content-length': text }: IncomingHttpHeaders): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** `bytes 100-199/200`; a size of `*` is not known. */
function rangeOf({
  'content-range': text,
}: IncomingHttpHeaders): { from: number; total: number | undefined } | undefined {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(text ?? '') ?? [];
  if (from === undefined) return undefined;
  return { from: Number(from), total: total === '*' ? undefined : Number(total) };
}

/** A strong `ETag`, or else the time of change. */
function validatorOf({ etag, 'last-modified': modified }: IncomingHttpHeaders): string | undefined {
  return etag?.startsWith('"') ? etag : modified;
}

function tooLong(shown: string, total: number | undefined): ResedgeError {
  return total === undefined
    ? new ResedgeError('limit', `${shown}: expected a file below 2 GiB, it goes on after that`)
    : new ResedgeError('input', `${shown}: expected ${total} bytes, the server sends more`);
}

function leftover(partial: PartialFile): string {
  return partial.size() > 0 ? `: ${partial.size()} bytes are kept, the same command goes on from there` : '';
}
