import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../unit/node/folder.ts';
import { bundledModels } from '../node/models.ts';
import { PICTURES, refuse, resedge } from '../node/resedge.ts';

const models = bundledModels();
const picture = join(PICTURES, readdirSync(PICTURES)[0] ?? '');

/** A model of more than 4 MB: protobuf's readers pass over a field that they do not know (number 1000, of 5 MiB). */
function large(): string {
  const field = [Uint8Array.of(0xc2, 0x3e, 0x80, 0x80, 0xc0, 0x02), new Uint8Array(5 * 2 ** 20)];
  return join(folderWith({ 'm.onnx': Buffer.concat([readFileSync(models.int8), ...field]) }), 'm.onnx');
}

describe('tune', () => {
  test('measures every file in several ways, and what it chose is heeded until it is stale', async () => {
    const cache = folderWith();
    const where = { env: { RESEDGE_CACHE: cache } };
    const files = ['--model', models.int8, '--model', models.fp32];
    const tuned = await resedge(['tune', ...files, '--budget', '2s', '--json'], where);
    expect({ code: tuned.code, stderr: tuned.stderr }).toEqual({ code: 0, stderr: '' });
    const { chosen, others, kept, failed } = JSON.parse(tuned.stdout);
    expect(failed).toEqual([]);
    expect(kept).toHaveLength(2);
    const both = new Set([chosen, ...others].map(({ model }) => model));
    expect(both).toEqual(new Set([models.int8, models.fp32]));
    for (const { ms, runs } of [chosen, ...others]) {
      expect(ms.p50).toBeGreaterThan(0);
      expect(ms.p99).toBeGreaterThanOrEqual(ms.p50);
      expect(runs).toBeGreaterThanOrEqual(3);
    }

    const file = kept[0];
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"threads": \d+/, '"threads": 1'));
    const bench = ['bench', '--runs', '1', '--json', '--model', models.int8];
    expect(JSON.parse((await resedge(bench, where)).stdout).threads).toBe(1);

    const evaluate = [
      'evaluate',
      folderWith({ 'cat/1.svg': readFileSync(picture) }),
      '--model',
      models.int8,
      '--reference',
      models.fp32,
      '--json',
    ];
    expect((await resedge(evaluate, where)).stderr).not.toContain('the better file');

    writeFileSync(file, readFileSync(file, 'utf8').replace(/"runtime": "[^"]*"/, '"runtime": "0.1"'));
    const stale = await resedge(bench, where);
    expect(stale.code).toBe(0);
    expect(stale.stderr).toMatch(/^resedge: the tuned choice for .*int8\.onnx is not used, [^\n]*0\.1[^\n]*\n$/);
    expect((await resedge([...bench, '--no-cache'], where)).stderr).toBe('');
  });

  test('shows a table with the choice marked', async () => {
    const where = { env: { RESEDGE_CACHE: folderWith() } };
    const { code, stdout, stderr } = await resedge(['tune', '--model', models.int8, '--budget', '0.1'], where);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ +model +precision +provider +threads +spinning +batch +p50 +p99 +runs/);
    expect(stdout.match(/^ {2}\*/gm)).toHaveLength(1);
    expect(stdout).toMatch(/\n {2}chosen by p50: int8\.onnx on cpu/);
    expect(stdout).toMatch(/\n {2}\d+ ways? w(as|ere) not reached within the budget/);
    expect(stdout).toMatch(/\n {2}kept for every later start in .*tuned\n$/);
  });

  test('shows what it measured where no choice can be kept', async () => {
    const args = ['tune', '--model', models.int8, '--budget', '0.1', '--json'];
    const cache = join(folderWith({ cache: '' }), 'cache');
    const { code, stdout, stderr } = await resedge(args, { env: { RESEDGE_CACHE: cache } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^resedge: the choice could not be kept: expected a folder to write at [^\n]*\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ chosen: { provider: 'cpu' }, kept: [] });
    const off = await resedge([...args, '--no-cache']);
    expect({ code: off.code, stderr: off.stderr, kept: JSON.parse(off.stdout).kept }).toEqual({
      code: 0,
      stderr: '',
      kept: [],
    });
  });

  test('refuses what it cannot tune', async () => {
    await refuse(['tune'], { code: 2, says: /--model/ });
    await refuse(['tune', '--model', 'none.onnx'], {
      code: 1,
      says: /none\.onnx: expected an ONNX model, no such file/,
    });
    await refuse(['tune', '--model', models.int8, '--by', 'luck'], { code: 2, says: /p50, p99, energy/ });
    await refuse(['tune', '--model', models.int8, '--batch', '4,4'], { code: 2, says: /every number once/ });
  });
});

describe('the cache of a large model', () => {
  test('that can be written is used by the next start, with the same answer', async () => {
    const cache = folderWith();
    const args = ['classify', picture, '--json', '--model', large()];
    const answer = ({ stdout, ...rest }: Awaited<ReturnType<typeof resedge>>): unknown => ({
      ...rest,
      top: JSON.parse(stdout).top,
    });
    const first = answer(await resedge(args, { env: { RESEDGE_CACHE: cache } }));
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(join(cache, 'graphs'))).toHaveLength(1);
    expect(answer(await resedge(args, { env: { RESEDGE_CACHE: cache } }))).toEqual(first);
    expect(answer(await resedge([...args, '--no-cache'], { env: { RESEDGE_CACHE: cache } }))).toEqual(first);
  });

  test('that cannot be written costs one line', async () => {
    const file = join(folderWith({ file: '' }), 'file');
    const args = ['classify', picture, '--model', large()];
    const { code, stderr } = await resedge(args, { env: { RESEDGE_CACHE: file } });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^resedge: the optimized graph is not kept for the next start: expected a folder [^\n]*\n$/);
  });
});
