import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { encodeGraph } from '../../../converter/exchange/encode-graph.ts';
import { endInProbabilities } from '../../../converter/exchange/scores.ts';
import { readOnnx } from '../../../converter/onnx-network.ts';
import { applyPasses, FOLD } from '../../../converter/passes/index.ts';
import { isResedgeError } from '../../../src/errors.ts';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { encodeModel } from '../../../src/onnx/encode.ts';
import { PYTHON } from '../python/program.ts';

const BACKEND = fileURLToPath(new URL('backend.py', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'resedge-backend-'));
afterAll(() => rmSync(folder, { recursive: true }));

function python<T>(...args: readonly string[]): T {
  const text = execFileSync(PYTHON, ['-W', 'ignore', BACKEND, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  return JSON.parse(text) as T;
}

const bytesAt = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

/** What no convolutional classifier has; each is refused by name. */
const REFUSED =
  /sub-graph|without functions|dense (tensor|initializers)|tensor of a type in use here|element type in use here|a TYPE_PROTO|numbers, strings or a tensor/;

it("decodes and writes onnx's backend test models so that they give the same results, bit for bit", () => {
  const count = python<number>('export', folder);
  const refused: string[] = [];
  for (let index = 0; index < count; index++) {
    const at = join(folder, String(index));
    try {
      writeFileSync(join(at, 'written.onnx'), Buffer.concat(encodeModel(decodeModel(bytesAt(join(at, 'model.onnx'))))));
    } catch (error) {
      if (!isResedgeError(error, 'unsupported')) throw error;
      refused.push(error.message);
    }
  }
  const { ran, different } = python<{ readonly ran: number; readonly different: readonly string[] }>('compare', folder);
  expect(different).toEqual([]);
  expect(refused.filter((message) => !REFUSED.test(message))).toEqual([]);
  expect(refused.length).toBeLessThan(count / 3);
  expect(ran).toBeGreaterThan(count / 2);
});

it('reads the image classifiers among them, and what they become gives their scores', () => {
  const paths = python<readonly string[]>('classifiers');
  const pairs = paths.map((path, index) => {
    const network = readOnnx(bytesAt(path));
    const graph = applyPasses(network.build(network.preprocessing.inputSize), FOLD);
    const whole = network.output === 'probabilities' ? endInProbabilities(graph) : graph;
    const written = join(folder, `${index}.onnx`);
    writeFileSync(written, Buffer.concat([...encodeGraph(whole, { producer: { name: 'test', version: '1' } })]));
    return [path, written];
  });
  expect(paths.map((path) => basename(path))).toContain('light_resnet50.onnx');
  writeFileSync(join(folder, 'pairs.json'), JSON.stringify(pairs));
  for (const [name, difference] of Object.entries(
    python<Record<string, number>>('scores', join(folder, 'pairs.json')),
  )) {
    expect(difference, name).toBeLessThan(1e-3);
  }
});
