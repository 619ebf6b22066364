import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { toOpenOptions, toOrtOptions } from '../../../../src/node/backend/options.ts';
import { packageVersion } from '../../../../src/node/backend/own-runtime.ts';
import { engineOptions, whileBuilding } from '../../../../src/node/backend/tensorrt.ts';
import { folderWith } from '../folder.ts';

afterEach(() => vi.unstubAllEnvs());

const given = { trt_fp16_enable: true, trt_int8_enable: true };
const off = { ...given, trt_engine_cache_enable: false, trt_timing_cache_enable: false };
const able = (): string => join(folderWith({ binding: 'x\0trt_engine_cache_enable\0y' }), 'binding');

describe("TensorRT's engines", () => {
  it('are kept in the cache folder by a binding that hands the option on', () => {
    const cache = folderWith();
    vi.stubEnv('RESEDGE_CACHE', '');
    vi.stubEnv('XDG_CACHE_HOME', join(cache, 'new'));
    const { providerOptions, notices } = engineOptions(given, able());
    const folder = join(cache, 'new/resedge', `tensorrt-${packageVersion()}`);
    expect(notices).toEqual([]);
    expect(providerOptions).toEqual({
      ...{ trt_engine_cache_enable: true, trt_engine_cache_path: folder, trt_timing_cache_enable: true },
      ...given,
    });
    expect(existsSync(folder)).toBe(true);
    const common = {
      provider: 'tensorrt',
      threads: 1,
      spinning: false,
      optimize: true,
      exactAccumulators: false,
    } as const;
    const { executionProviders } = toOrtOptions('onnxruntime-node', toOpenOptions({ ...common, providerOptions }, 0));
    expect(executionProviders).toEqual([{ ...providerOptions, name: 'tensorrt' }]);
  });

  it("are built at every start by onnxruntime-node's own binding, which is said", () => {
    const { providerOptions, notices } = engineOptions(given);
    expect(providerOptions).toEqual(off);
    expect(notices).toEqual([expect.stringMatching(/built at every start: onnxruntime-node .* RESEDGE_ORT_DIR$/)]);
  });

  it.each([
    { name: 'a file in its place', cache: () => join(folderWith({ cache: '' }), 'cache') },
    { name: 'a file system that takes no files', cache: () => '/proc' },
  ])('are built at every start where the cache folder cannot be written: $name', ({ cache }) => {
    vi.stubEnv('RESEDGE_CACHE', '');
    vi.stubEnv('XDG_CACHE_HOME', cache());
    const { providerOptions, notices } = engineOptions(given, able());
    expect(providerOptions).toEqual(off);
    expect(notices).toEqual([
      expect.stringMatching(/^[^\n]*expected a folder to write at .*RESEDGE_CACHE, or set it to off$/),
    ]);
  });

  it('say how long they take while they are built, and nothing afterwards', async () => {
    const said: string[] = [];
    const building = new Promise((resolve) => setTimeout(resolve, 200, 'engine'));
    expect(await whileBuilding(building, (line) => said.push(line), { first: 10, every: 20 })).toBe('engine');
    const before = said.length;
    expect(before).toBeGreaterThan(1);
    expect(said[0]).toMatch(/^building the TensorRT engine, 0 s so far/);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(said).toHaveLength(before);
  });
});
