import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readElf } from '../../../../src/node/device/elf.ts';
import { findGpuLibraries } from '../../../../src/node/device/gpu-libraries.ts';
import { folderWith } from '../folder.ts';
import { elfFile } from './elf-file.ts';

const SHARED = 'libonnxruntime_providers_shared.so';
const CUDA = 'libonnxruntime_providers_cuda.so';
const TENSORRT = 'libonnxruntime_providers_tensorrt.so';

const provider = (needed: readonly string[]): Readonly<Record<string, Uint8Array>> => ({
  [SHARED]: elfFile({ soname: SHARED }),
  [CUDA]: elfFile({ soname: CUDA, needed: [...needed, 'libc.so.6'] }),
  [TENSORRT]: elfFile({ soname: TENSORRT, needed: ['libnvinfer.so.10'] }),
});
const library = (soname: string, needed: readonly string[] = []): Uint8Array => elfFile({ soname, needed });

/** Looks for what CUDA needs in folders of the test alone. */
const find = (binding: string, env: Readonly<Record<string, string>>, name: 'cuda' | 'tensorrt' = 'cuda') =>
  findGpuLibraries(name, binding, { env, root: folderWith() });

describe.skipIf(process.platform !== 'linux')('the libraries behind CUDA (Linux has ELF files alone)', () => {
  it('are found in a folder, each after those that it needs', () => {
    const binding = folderWith(provider(['libcublas.so.12', 'libcudart.so.12', 'libcudnn.so.9']));
    const cuda = folderWith({
      'lib64/libcudart.so.12': library('libcudart.so.12'),
      'cublas/lib/libcublas.so.12': library('libcublas.so.12', ['libcublasLt.so.12', 'libm.so.6']),
      'cublas/lib/libcublasLt.so.12': library('libcublasLt.so.12'),
      'libcudnn.so.9': library('libcudnn.so.9', ['libcudart.so.12']),
    });
    const files = [
      'cublas/lib/libcublasLt.so.12',
      'cublas/lib/libcublas.so.12',
      'lib64/libcudart.so.12',
      'libcudnn.so.9',
    ];
    expect(find(binding, { RESEDGE_CUDA_DIR: cuda })).toEqual({
      kind: 'found',
      files: files.map((file) => join(cuda, file)),
    });
  });

  it('are found on the search path and in the system, TensorRT in a folder of its own', () => {
    const binding = folderWith(provider(['libcudart.so.12']));
    const path = folderWith({ 'libcudart.so.12': library('libcudart.so.12') });
    expect(find(binding, { LD_LIBRARY_PATH: `/nowhere:${path}` })).toMatchObject({ kind: 'found' });
    const root = folderWith({ 'usr/local/cuda/lib64/libcudart.so.12': library('libcudart.so.12') });
    expect(findGpuLibraries('cuda', binding, { env: {}, root })).toMatchObject({ kind: 'found' });
    const trt = folderWith({ 'tensorrt_libs/libnvinfer.so.10': library('libnvinfer.so.10') });
    expect(find(binding, { RESEDGE_TENSORRT_DIR: trt }, 'tensorrt')).toMatchObject({ kind: 'found' });
  });

  const cases: readonly {
    readonly name: string;
    readonly binding?: Readonly<Record<string, Uint8Array>>;
    readonly cuda: Readonly<Record<string, Uint8Array | string>>;
    readonly says: RegExp;
  }[] = [
    {
      name: 'no provider library beside the binding',
      binding: {},
      cuda: {},
      says: /^expected libonnxruntime_providers_shared\.so beside onnxruntime-node's binding: .*cuda/,
    },
    {
      name: 'a library of another version',
      cuda: { 'libcudart.so.11.0': library('libcudart.so.11.0') },
      says: /^expected libcudart\.so\.12, found libcudart\.so\.11\.0 in \S+: \S+/,
    },
    {
      name: 'another version under the right name',
      cuda: { 'libcudart.so.12': library('libcudart.so.11.0') },
      says: /libcudart\.so\.12: expected libcudart\.so\.12, it is libcudart\.so\.11\.0 inside: \S+/,
    },
    {
      name: 'a library for another processor',
      cuda: { 'libcudart.so.12': elfFile({ arch: 'arm', soname: 'libcudart.so.12' }) },
      says: /expected a library for \w+, found one for arm: \S+/,
    },
    { name: 'none at all', cuda: {}, says: /^expected libcudart\.so\.12, found none: \S+/ },
    {
      name: 'a text file',
      cuda: { 'libcudart.so.12': 'x'.repeat(99) },
      says: /expected a Linux shared library, it is none/,
    },
    {
      name: 'a file cut off',
      cuda: { 'libcudart.so.12': library('libcudart.so.12').subarray(0, 100) },
      says: /it is cut off or damaged/,
    },
  ];
  it.each(cases)('$name, in one line with the way out', ({ binding = provider(['libcudart.so.12']), cuda, says }) => {
    const found = find(folderWith(binding), { RESEDGE_CUDA_DIR: folderWith(cuda) });
    expect(found).toEqual({ kind: 'fault', reason: expect.stringMatching(says) });
    expect(found.kind === 'fault' && found.reason).not.toContain('\n');
  });

  it('says that a variable names no folder', () => {
    const reason = 'expected RESEDGE_CUDA_DIR to name a folder of libraries, /nowhere is none';
    expect(find(folderWith(provider([])), { RESEDGE_CUDA_DIR: '/nowhere' })).toEqual({ kind: 'fault', reason });
  });
});

describe('readElf', () => {
  it('reads what a library says of itself', () => {
    const parts = { soname: 'libx.so.1', needed: ['libc.so.6', 'liby.so.2'], versions: ['VERS_1.2.3'] };
    const path = join(folderWith({ x: elfFile({ ...parts, arch: 'arm64' }) }), 'x');
    expect(readElf(path)).toMatchObject({ arch: 'arm64', soname: 'libx.so.1', needed: parts.needed });
    expect(readElf(path).strings).toContain('VERS_1.2.3');
  });

  it('refuses a file whose tables point outside it, and a missing one', () => {
    const bytes = Buffer.from(elfFile({ soname: 'a' }));
    bytes.writeBigUInt64LE(2n ** 40n, 32);
    const path = join(folderWith({ x: bytes }), 'x');
    expect(() => readElf(path)).toThrow(/cut off or damaged/);
    expect(readFileSync(path).length).toBe(bytes.length);
    expect(() => readElf(`${path}.none`)).toThrow(expect.objectContaining({ code: 'io' }));
  });
});
