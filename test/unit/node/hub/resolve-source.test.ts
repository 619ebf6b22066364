import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveSource } from '../../../../src/node/hub/resolve-source.ts';
import { folderWith } from '../folder.ts';

test.each([
  ['a TensorFlow.js model, not its shards', ['group1-shard1of1.bin', 'model.json'], 'model.json'],
  ['weights that are described beside', ['model.json', 'net.safetensors'], 'net.safetensors'],
] as const)('a folder stands for %s', async (_, names, chosen) => {
  const folder = folderWith(Object.fromEntries(names.map((name) => [name, ''])));
  expect(await resolveSource(folder)).toEqual({ path: join(folder, chosen), pulled: false });
});
