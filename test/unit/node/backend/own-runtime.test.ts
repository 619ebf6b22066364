import { execFile } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bindingFolder } from '../../../../src/node/backend/installed.ts';
import { nativeBackend } from '../../../../src/node/backend/native.ts';
import { packageVersion } from '../../../../src/node/backend/own-runtime.ts';
import { goldenPath } from '../../../suite/fixtures.ts';
import { elfFile } from '../device/elf-file.ts';
import { folderWith } from '../folder.ts';

const BINDING = 'onnxruntime_binding.node';
const LIBRARY = 'libonnxruntime.so.1';
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

afterEach(() => vi.unstubAllEnvs());

/** What RESEDGE_ORT_DIR does when it names this folder. */
async function reasonOf(folder: string): Promise<string> {
  vi.stubEnv('RESEDGE_ORT_DIR', folder);
  const answer = await nativeBackend.available('cpu');
  const options = { provider: 'cpu', threads: 1, spinning: false, optimize: true, exactAccumulators: false } as const;
  const opening = nativeBackend.open({ kind: 'path', path: goldenPath('float-conv.onnx') }, options);
  await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
  return answer.available ? 'available' : answer.reason;
}

describe('a build of ONNX Runtime of one’s own', () => {
  it.skipIf(process.platform !== 'linux')('is loaded, and no other one (the proof is in /proc)', async () => {
    const folder = folderWith();
    for (const name of readdirSync(bindingFolder())) copyFileSync(join(bindingFolder(), name), join(folder, name));
    const env = { ...process.env, RESEDGE_ORT_DIR: folder };
    const args = ['--import', 'tsx', here('mapped.ts'), goldenPath('float-conv.onnx')];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000, env });
    expect(JSON.parse(stdout)).toEqual({
      outputs: ['logits', 'pool'],
      mapped: [LIBRARY, BINDING].map((name) => join(folder, name)),
    });
  });

  const cases: readonly {
    readonly name: string;
    readonly files: Readonly<Record<string, Uint8Array | string>>;
    readonly says: RegExp;
  }[] = [
    { name: 'an empty folder', files: {}, says: /there is no onnxruntime_binding\.node in it: copy/ },
    { name: 'a text file', files: { [BINDING]: 'x'.repeat(99) }, says: /expected a Linux shared library/ },
    {
      name: 'another processor',
      files: { [BINDING]: elfFile({ arch: 'arm' }) },
      says: /is built for arm, this is \w+: /,
    },
    {
      name: 'no library beside it',
      files: { [BINDING]: elfFile({ needed: [LIBRARY] }) },
      says: /needs libonnxruntime\.so\.1 beside it, the folder holds onnxruntime_binding\.node: copy it/,
    },
    {
      name: 'another version',
      files: { [BINDING]: elfFile({ needed: [LIBRARY] }), [LIBRARY]: elfFile({ versions: ['VERS_1.20.1'] }) },
      says: new RegExp(`is ONNX Runtime 1\\.20\\.1, onnxruntime-node here is ${packageVersion()}: build v`),
    },
  ];
  it.skipIf(process.platform !== 'linux').each(cases)(
    '$name is refused in one line (Linux has ELF files alone)',
    async ({ files, says }) => {
      const folder = folderWith(files);
      const reason = await reasonOf(folder);
      expect(reason).toMatch(says);
      expect(reason).toContain(`in ${folder}, which RESEDGE_ORT_DIR names`);
      expect(reason).not.toContain('\n');
    },
  );
});
