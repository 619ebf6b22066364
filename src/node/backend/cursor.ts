import { ResedgeError } from '../../errors.ts';

/** Reads consecutive chunks of bytes forward, once, asking for each chunk when its turn comes. */
export type Cursor = {
  readonly offset: () => number;
  readonly atEnd: () => boolean;
  /** A protobuf number as it stands, 1 to 10 bytes. */
  readonly varintBytes: () => Uint8Array;
  /** A protobuf number; bits beyond 2^53 are lost. */
  readonly varint: () => number;
  /** Hands the next bytes on, part by part; each part is only valid during the call. */
  readonly pass: (length: number, sink: (part: Uint8Array) => void) => void;
};

const MAX_VARINT_BYTES = 10;

/** Reading past the end, or a number of more than 10 bytes, throws code `input`. */
export function cursorOf(chunks: Iterable<Uint8Array>): Cursor {
  const iterator = chunks[Symbol.iterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  let position = 0;
  let before = 0;

  const atEnd = (): boolean => {
    while (position === chunk.length) {
      const next = iterator.next();
      if (next.done === true) return true;
      before += chunk.length;
      chunk = next.value;
      position = 0;
    }
    return false;
  };
  const offset = (): number => before + position;
  const expectMore = (): void => {
    if (atEnd())
      throw new ResedgeError('input', `expected an ONNX model, it is cut off at byte ${offset()}: encode it again`);
  };
  const varintBytes = (): Uint8Array => {
    const start = offset();
    const bytes: number[] = [];
    do {
      if (bytes.length === MAX_VARINT_BYTES)
        throw new ResedgeError(
          'input',
          `expected an ONNX model, the number at byte ${start} has no end: encode it again`,
        );
      expectMore();
      bytes.push(chunk[position++]!);
    } while (bytes.at(-1)! >= 0x80);
    return Uint8Array.from(bytes);
  };
  const varint = (): number => varintBytes().reduceRight((value, byte) => value * 128 + (byte & 0x7f), 0);
  const pass = (length: number, sink: (part: Uint8Array) => void): void => {
    for (let left = length; left > 0; ) {
      expectMore();
      const part = chunk.subarray(position, position + left);
      sink(part);
      position += part.length;
      left -= part.length;
    }
  };
  return { offset, atEnd, varintBytes, varint, pass };
}
