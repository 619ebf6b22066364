import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LARGE_MODEL, modelFile } from '../../../../src/node/cache/model-file.ts';
import { folderWith } from '../folder.ts';

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** Some time after the files were written. */
function later(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
}

describe('modelFile', () => {
  it('hashes a small file every time, and notes nothing', () => {
    vi.stubEnv('RESEDGE_CACHE', join(folderWith(), 'cache'));
    const path = join(folderWith({ 'm.onnx': 'small' }), 'm.onnx');
    later();
    expect(modelFile(path)).toEqual({ path, bytes: 5, sha256: sha256(path) });
    expect(() => readdirSync(process.env['RESEDGE_CACHE'] ?? '')).toThrow(/ENOENT/);
  });

  it('notes the hash of a large file that has settled, and holds to it until the file changes', () => {
    const cache = folderWith();
    vi.stubEnv('RESEDGE_CACHE', cache);
    const path = join(folderWith({ 'm.onnx': new Uint8Array(LARGE_MODEL).fill(7) }), 'm.onnx');
    const first = modelFile(path);
    expect(first.sha256).toBe(sha256(path));
    expect(readdirSync(cache)).toEqual([]);
    later();
    expect(modelFile(path)).toEqual(first);
    const note = join(cache, 'hashes', readdirSync(join(cache, 'hashes'))[0] ?? '');
    writeFileSync(note, readFileSync(note, 'utf8').replace(first.sha256, 'noted'));
    expect(modelFile(path).sha256).toBe('noted');
    appendFileSync(path, 'x');
    utimesSync(path, 1, 1);
    expect(modelFile(path)).toEqual({ path, bytes: LARGE_MODEL + 1, sha256: sha256(path) });
    writeFileSync(note, '{');
    expect(modelFile(path).sha256).toBe(sha256(path));
  });

  it('names what is no model file', () => {
    const folder = folderWith();
    const missing = join(folder, 'none.onnx');
    expect(() => modelFile(folder)).toThrow(`${folder}: expected an ONNX model, found a folder`);
    expect(() => modelFile('/dev/null')).toThrow('/dev/null: expected an ONNX model, found no regular file');
    expect(() => modelFile(missing)).toThrow(`${missing}: expected an ONNX model, no such file or folder`);
  });
});
