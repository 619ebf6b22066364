import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, runProgram } from '../runtime/node/resedge.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What a registry sends, and what it comes to on the disk. */
const MAX_PACKED = 3 * 2 ** 20;
const MAX_UNPACKED = 4 * 2 ** 20;
const project = mkdtempSync(join(tmpdir(), 'resedge-package-'));
const bundled = 'node_modules/resedge/models/resnet20-cifar10';
const weights = `${bundled}/resnet20-cifar10.safetensors`;

afterAll(() => rmSync(project, { recursive: true }));

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs the installed command as a user does. */
async function npx(...args: readonly string[]): Promise<Outcome> {
  const { stderr, ...rest } = await runProgram('npx', ['--no-install', 'resedge', ...args], { cwd: project });
  return { ...rest, stderr: stderr.replace(/^npm warn .*\n/gm, '') };
}

let tarball = '';

beforeAll(() => {
  const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', project], ROOT).replace(/^[^[]*/, ''));
  tarball = join(project, packed.filename);
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}');
  npm(['install', '--no-audit', '--no-fund', tarball], project);
});

describe('the packed files', () => {
  test('are small, packed and unpacked', () => {
    expect(statSync(tarball).size).toBeLessThan(MAX_PACKED);
    const files = readdirSync(join(project, 'node_modules/resedge'), { recursive: true, encoding: 'utf8' });
    const found = files.map((name) => statSync(join(project, 'node_modules/resedge', name)));
    const sizes = found.map((entry) => (entry.isFile() ? entry.size : 0));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_UNPACKED);
  });

  test('hold no sources, tests or build notes', () => {
    const files = readdirSync(join(project, 'node_modules/resedge'), { recursive: true, encoding: 'utf8' });
    const wrong = files.filter((name) => /\.tsbuildinfo$|^(src|test|converter)\/|(?<!\.d)\.ts$/.test(name));
    expect(wrong).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'devices/generic-x64.json']));
  });
});

describe('in a project that installed them', () => {
  test('the command converts and classifies, natively', async () => {
    const labels = JSON.parse(readFileSync(join(project, bundled, 'manifest.json'), 'utf8')).labels;
    writeFileSync(join(project, 'labels.json'), JSON.stringify(labels));
    const calibrated = ['--calibrate', `${bundled}/calibration.json`, '--labels', 'labels.json'];
    expect(await npx('convert', weights, '-o', 'model.onnx', ...calibrated)).toMatchObject({ code: 0, stderr: '' });
    const found = await npx('classify', `${bundled}/pictures/dog.svg`, '--model', 'model.onnx', '--json');
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(found.stdout)).toMatchObject({ provider: 'cpu', top: [{ label: 'dog' }, ...Array(4).fill({})] });
  });

  test('the modules load by their names', async () => {
    const script = `
      import { openModel, classify } from 'resedge';
      import { SCHEMES } from 'resedge/converter';
      import profile from 'resedge/devices/raspberry-pi-5.json' with { type: 'json' };
      const model = await openModel('model.onnx');
      const { top } = await classify(model, '${bundled}/pictures/frog.svg', 1);
      await model.session.close();
      console.log(top[0].label, SCHEMES['u8s8-safe'].name, profile.id);`;
    writeFileSync(join(project, 'use.js'), script);
    const args = ['--disable-warning=ExperimentalWarning', 'use.js'];
    expect(await runProgram(process.execPath, args, { cwd: project })).toEqual({
      ...{ code: 0, stderr: '', stdout: 'frog u8s8-safe raspberry-pi-5\n' },
    });
  });
});

describe('where onnxruntime-node is not there', () => {
  const mend = /^resedge: running on wasm: [^\n]*npm install onnxruntime-node[^\n]*\n$/;

  beforeAll(() => rmSync(join(project, 'node_modules/onnxruntime-node'), { recursive: true }));

  test('classify runs on WASM and says in one line how to get it', async () => {
    const found = await npx('classify', `${bundled}/pictures`, '--model', 'model.onnx', '--json');
    expect(found).toMatchObject({ code: 0, stderr: expect.stringMatching(mend) });
    const answers = found.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toHaveLength(10);
    for (const { image, top, provider } of answers) {
      expect({ image, provider }).toEqual({ image: `${bundled}/pictures/${top[0].label}.svg`, provider: 'wasm' });
    }
  });

  test.each([
    ['convert', ['convert', weights, '-o', 'wasm.onnx', '--calibrate', `${bundled}/pictures`, '--json']],
    ['bench', ['bench', '--model', 'model.onnx', '--runs', '3', '--json']],
    ['demo', ['demo', '--output', 'demo']],
  ])('%s too', async (_, args) => {
    const { code, stdout, stderr } = await npx(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(mend) });
    expect(stdout).not.toBe('');
  });
});
