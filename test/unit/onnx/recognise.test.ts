import { describe, expect, it } from 'vitest';
import { concat, encodeModel } from '../../../src/onnx/encode.ts';
import { looksLikeOnnx } from '../../../src/onnx/recognise.ts';
import { allGolden, tinyModel } from './files.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('looksLikeOnnx', () => {
  it('knows models of the onnx package and our own', () => {
    for (const bytes of [...allGolden(), concat(encodeModel(tinyModel()))]) expect(looksLikeOnnx(bytes)).toBe(true);
  });

  it('knows a model by its first bytes', () => {
    for (const bytes of allGolden()) expect(looksLikeOnnx(bytes.subarray(0, 24))).toBe(true);
  });

  it('takes fields in any order', () => {
    expect(looksLikeOnnx(Uint8Array.of(0x3a, 0, 0x42, 0, 0x08, 8))).toBe(true);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['an IR version alone', Uint8Array.of(0x08, 8)],
    ['a graph alone', Uint8Array.of(0x3a, 0)],
    ['version 0', Uint8Array.of(0x08, 0, 0x3a, 0)],
    ['zeros', new Uint8Array(64)],
    ['text', text('{"model": 1}\n')],
    ['text that starts like a graph', text(': a note, and more of it')],
    ['safetensors', concat([Uint8Array.of(8, 8, 0, 0, 0, 0, 0, 0), text('{"w":{"dtype":"F32"}}')])],
    ['zip', text('PK\u0003\u0004 and more')],
    ['pickle', Uint8Array.of(0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc)],
    ['JPEG', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0x10)],
    ['PNG', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a)],
  ])('does not take %s for a model', (_, bytes) => {
    expect(looksLikeOnnx(bytes)).toBe(false);
  });
});
