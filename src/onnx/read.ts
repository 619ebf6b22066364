import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ResedgeError } from '../errors.ts';

/**
 * Most messages, repeated strings and elements of attribute lists that one model may hold (a quantized ResNet-152 with
 * all its value infos holds under 100,000). Each may cost some hundred bytes of memory for two bytes of file.
 */
export const MAX_ITEMS: number = 1 << 20;

/** Where a tensor's data lies when it is not in the file itself, as the file says: untrusted. */
export type ExternalData = {
  /** A path relative to the model's folder. */
  readonly location: string;
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
};

/** What is left of {@link MAX_ITEMS} while one model is read, and who hands out external data. */
export type Budget = { left: number; readonly external?: ((data: ExternalData) => Uint8Array) | undefined };

/** One field of a message while it is visited. A visitor that does not read it leaves it to be skipped. */
export type Field = {
  readonly number: number;
  readonly wire: WireType;
  readonly reader: BinaryReader;
  readonly budget: Budget;
  /** The message in words, for errors. */
  readonly what: string;
};

export function newBudget(external?: Budget['external']): Budget {
  return { left: MAX_ITEMS, external };
}

/** Takes `count` items off the budget; throws code `limit` when it is used up. */
export function spend(budget: Budget, count: number, what: string): void {
  budget.left -= count;
  if (budget.left < 0) {
    throw new ResedgeError('limit', `expected at most ${MAX_ITEMS} parts in an ONNX model, received more, in ${what}`);
  }
}

export function damaged(what: string, why: string, cause?: unknown): ResedgeError {
  return new ResedgeError('input', `expected a whole ONNX model, received damaged bytes in ${what}: ${why}`, { cause });
}

/** Visits the fields of one protobuf message in file order; `what` names it in errors. Throws ResedgeError only. */
export function readMessage(bytes: Uint8Array, what: string, budget: Budget, visit: (field: Field) => void): void {
  spend(budget, 1, what);
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      const start = reader.pos;
      visit({ number, wire, reader, budget, what });
      if (reader.pos === start) reader.skip(wire, number);
    }
  } catch (error) {
    if (error instanceof ResedgeError) throw error;
    throw damaged(what, error instanceof Error ? error.message : String(error), error);
  }
}

/** The bytes of a length-delimited field, as a view. */
export function readBytes(field: Field): Uint8Array {
  expectWire(field, WireType.LengthDelimited);
  return field.reader.bytes();
}

/** One element of a repeated message, charged to the budget. */
export function readItem(field: Field): Uint8Array {
  spend(field.budget, 1, field.what);
  return readBytes(field);
}

/** A string; invalid UTF-8 is an error. */
export function readText(field: Field): string {
  expectWire(field, WireType.LengthDelimited);
  return field.reader.string(true);
}

/** One element of a repeated string, charged to the budget. */
export function readTextItem(field: Field): string {
  spend(field.budget, 1, field.what);
  return readText(field);
}

/** An int64, int32 or enum as a number; beyond 2^53 it is an error. */
export function readInteger(field: Field): number {
  expectWire(field, WireType.Varint);
  return safeInteger(field.reader, field.what);
}

export function readFloat(field: Field): number {
  expectWire(field, WireType.Bit32);
  return field.reader.float();
}

export function safeInteger(reader: BinaryReader, what: string): number {
  const value = reader.int64();
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new ResedgeError('input', `expected integers within 2^53 in ${what}, received ${value}`);
  }
  return number;
}

function expectWire(field: Field, wire: WireType): void {
  if (field.wire !== wire) {
    throw damaged(field.what, `field ${field.number} has wire type ${field.wire} instead of ${wire}`);
  }
}
