import { afterEach, expect, test, vi } from 'vitest';
import { resolveProfile } from '../../../../src/device/resolve.ts';
import { bundledProfiles } from '../../../../src/node/device/bundled.ts';
import { checkPackages } from '../../../../src/node/doctor/packages.ts';
import { folderWith } from '../folder.ts';

afterEach(() => void vi.unstubAllEnvs());

test.each([
  ['generic-x64', 'broken'],
  ['browser-wasm', 'missing'],
])('for %s a native runtime that is not there is %s', async (id, state) => {
  vi.stubEnv('RESEDGE_ORT_DIR', folderWith());
  const checks = await checkPackages(resolveProfile(id, bundledProfiles()));
  expect(checks.find(({ name }) => name === 'onnxruntime-node')).toMatchObject({ state, mend: expect.any(String) });
  expect(checks.find(({ name }) => name === 'onnxruntime-web')).toMatchObject({ state: 'ok' });
});
