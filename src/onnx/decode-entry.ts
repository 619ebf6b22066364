import { type Budget, readInteger, readMessage, readText } from './read.ts';
import type { Model } from './schema.ts';
import { ENTRY, OPSET } from './wire.ts';

/** Decodes a StringStringEntryProto into key and value. */
export function decodeEntry(bytes: Uint8Array, where: string, budget: Budget): readonly [string, string] {
  let key = '';
  let value = '';
  readMessage(bytes, where, budget, (field) => {
    if (field.number === ENTRY.key) key = readText(field);
    if (field.number === ENTRY.value) value = readText(field);
  });
  return [key, value];
}

/** Decodes an OperatorSetIdProto. */
export function decodeOpset(bytes: Uint8Array, budget: Budget): Model['opsets'][number] {
  let domain = '';
  let version = 0;
  readMessage(bytes, 'an opset import', budget, (field) => {
    if (field.number === OPSET.domain) domain = readText(field);
    if (field.number === OPSET.version) version = readInteger(field);
  });
  return { domain, version };
}
