import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { refuse, resedge } from './resedge.ts';

type Check = {
  readonly group: string;
  readonly name: string;
  readonly state: string;
  readonly found: string;
  readonly mend?: string;
};

describe('doctor', () => {
  test('--json, for a profile that this machine satisfies', async () => {
    const { code, stdout, stderr } = await resedge(['doctor', '--device', 'browser-wasm', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { checks, ...rest } = JSON.parse(stdout) as { readonly checks: readonly Check[] };
    expect(rest).toEqual({ profile: 'browser-wasm', why: ['named by --device'], elsewhere: false, healthy: true });
    const states = new Map(checks.map(({ name, state }) => [name, state]));
    for (const name of ['Node.js', 'onnxruntime-node', 'onnxruntime-web', 'sharp', 'cpu', 'wasm'])
      expect(states.get(name)).toBe('ok');
    expect(checks.filter(({ state, mend }) => (state === 'broken' || state === 'missing') && !mend)).toEqual([]);
  });

  test('ends with 1 where what the profile needs does not work, and says what and how to mend it', async () => {
    const folder = folderWith();
    const { code, stdout } = await resedge(['doctor'], {
      env: { RESEDGE_ORT_DIR: folder, RESEDGE_DEVICE: 'generic-x64' },
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      / onnxruntime-node +broken +expected a build of ONNX Runtime in .*RESEDGE_ORT_DIR.*\n +-> copy it there/,
    );
    expect(stdout).toMatch(/ wasm +ok +fp32, fp16, int8 right in onnxruntime-web/);
    expect(stdout).toMatch(/\n\n {2}this machine lacks something that generic-x64 needs: see broken above\n$/);
  });

  test('says it where the profile is for another processor', async () => {
    const [device, arch] = process.arch === 'arm64' ? ['generic-x64', 'x64'] : ['raspberry-pi-5', 'arm64'];
    const { code, stdout } = await resedge(['doctor', '--device', device]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^ +profile +${device} \\(named by --device, it is for ${arch}, this machine is`),
    );
    expect(stdout).toMatch(new RegExp(`this machine has what ${device} needs, save its processor\n$`));
  });

  test('a profile that there is not', async () => {
    await refuse(['doctor', '--device', 'toaster'], {
      code: 2,
      says: /expected a device profile among .* received toaster/,
    });
  });
});
