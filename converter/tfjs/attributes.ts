import type { Attribute } from '../../src/onnx/schema.ts';
import { isJson, type Json } from '../json.ts';

// The room compiles without the DOM library; every host of this code (Node, browsers) has this decoder.
declare const atob: (base64: string) => string;

/** Types by their number in TensorFlow's types.proto, as old files state them. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'DT_FLOAT'],
  [2, 'DT_DOUBLE'],
  [3, 'DT_INT32'],
  [4, 'DT_UINT8'],
  [9, 'DT_INT64'],
  [10, 'DT_BOOL'],
  [19, 'DT_HALF'],
]);

/**
 * An attribute of a GraphDef's node: numbers that JSON holds as text, texts in base64, a flag as 0 or 1, a type by its name, a shape or
 * a tensor's shape as sizes with -1 for one that is not known. Undefined for anything else.
 */
export function attributeOf(value: unknown): Attribute | undefined {
  if (!isJson(value)) return undefined;
  const { i, f, b, s, type, shape, tensor, list } = value as Readonly<Record<string, unknown>>;
  if (i !== undefined) return whole(i, (number) => ({ kind: 'int', value: number }));
  if (b !== undefined) return { kind: 'int', value: b === true ? 1 : 0 };
  if (f !== undefined) return Number.isFinite(Number(f)) ? { kind: 'float', value: Number(f) } : undefined;
  if (s !== undefined) return textOf(s, (text) => ({ kind: 'string', value: text }));
  const named = typeof type === 'number' ? (TYPES.get(type) ?? '') : type;
  if (named !== undefined) return { kind: 'string', value: typeof named === 'string' ? named : '' };
  if (isJson(shape)) return sizes(shape);
  if (isJson(tensor)) return isJson(tensor['tensorShape']) ? sizes(tensor['tensorShape']) : undefined;
  return isJson(list) ? listOf(list) : undefined;
}

/** An empty list says nothing of its kind. */
function listOf({ i, s, f }: Readonly<Record<string, unknown>>): Attribute | undefined {
  if (Array.isArray(i)) {
    const value = i.map(Number);
    return value.every(Number.isSafeInteger) ? { kind: 'ints', value } : undefined;
  }
  if (Array.isArray(s)) {
    const value = s.flatMap((text) => textOf(text, (found) => [found]) ?? []);
    return value.length === s.length ? { kind: 'strings', value } : undefined;
  }
  return Array.isArray(f) ? { kind: 'floats', value: f.map(Number) } : undefined;
}

function whole<T>(value: unknown, make: (number: number) => T): T | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? make(number) : undefined;
}

/** base64, or the bytes themselves. */
function textOf<T>(value: unknown, make: (text: string) => T): T | undefined {
  if (Array.isArray(value)) return make(value.map((code) => String.fromCharCode(Number(code))).join(''));
  try {
    return typeof value === 'string' ? make(atob(value)) : undefined;
  } catch {
    return undefined;
  }
}

function sizes(shape: Json): Attribute | undefined {
  const { dim = [], unknownRank } = shape as Readonly<Record<string, unknown>>;
  if (unknownRank === true || !Array.isArray(dim)) return undefined;
  const value = dim.map((one) => Number((isJson(one) ? one['size'] : undefined) ?? 0));
  return value.every(Number.isSafeInteger) ? { kind: 'ints', value } : undefined;
}
