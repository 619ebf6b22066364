import { afterEach, expect, it, vi } from 'vitest';
import { hasWasmSimd } from '../../../src/browser/simd.ts';

afterEach(() => vi.unstubAllGlobals());

it('finds SIMD where it is', () => {
  expect(hasWasmSimd()).toBe(true);
});

it('finds none without WebAssembly', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(hasWasmSimd()).toBe(false);
});

it('asks with a module that uses nothing else', () => {
  let asked: Uint8Array | undefined;
  const validate = WebAssembly.validate;
  vi.stubGlobal('WebAssembly', {
    validate: (bytes: Uint8Array<ArrayBuffer>) => {
      asked = bytes;
      return validate(bytes);
    },
  });
  expect(hasWasmSimd()).toBe(true);
  // With the SIMD instruction's prefix replaced by another's it is no module.
  const other = asked!.map((byte) => (byte === 0xfd ? 0xfc : byte));
  expect(validate(other as Uint8Array<ArrayBuffer>)).toBe(false);
});
