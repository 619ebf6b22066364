import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlannedSession } from '../../../../src/device/plan.ts';
import { modelFile } from '../../../../src/node/cache/model-file.ts';
import { readMachine } from '../../../../src/node/device/machine.ts';
import { applyChoice } from '../../../../src/node/tune/apply.ts';
import {
  runtimeHere,
  type StoredChoice,
  storeChoice,
  storedChoice,
  type TunedChoice,
} from '../../../../src/node/tune/choice.ts';
import { folderWith } from '../folder.ts';

const machine = readMachine();
const place = { machine, profile: 'generic-x64' };
let path = '';

beforeEach(() => {
  vi.stubEnv('RESEDGE_CACHE', folderWith());
  path = join(folderWith({ 'm.onnx': 'one' }), 'm.onnx');
});
afterEach(() => void vi.unstubAllEnvs());

function choiceOf(more: Partial<TunedChoice> = {}): TunedChoice {
  return {
    model: { path, sha256: modelFile(path).sha256 },
    ...{ profile: 'generic-x64', runtime: runtimeHere(), provider: 'cpu', backend: 'onnxruntime-node' },
    ...{ threads: 1, spinning: false, batch: 1, by: 'p50', figure: '9.00 ms (p50)' },
    ...more,
  };
}

const stored = (): StoredChoice => storedChoice(modelFile(path), place);

describe('a stored choice', () => {
  it('holds for its model on its machine', () => {
    expect(stored()).toEqual({ notes: [] });
    const choice = choiceOf();
    const kept = storeChoice(choice, machine);
    expect(stored()).toEqual({ choice, notes: [] });
    expect(storedChoice(modelFile(path), { ...place, machine: { ...machine, cores: 99 } })).toEqual({ notes: [] });
    expect(readdirSync(join(kept, '..'))).toHaveLength(1);
    vi.stubEnv('RESEDGE_CACHE', 'off');
    expect(stored()).toEqual({ notes: [] });
  });

  it.each<[string, Partial<TunedChoice>, RegExp]>([
    [
      'another runtime',
      { runtime: '1.2.3' },
      /not used, it was made with ONNX Runtime 1\.2\.3, this is .*: resedge tune/,
    ],
    [
      'another profile',
      { profile: 'toaster' },
      /not used, it was made under profile toaster, this is generic-x64: resedge/,
    ],
    [
      'a way that there is not',
      { threads: -1 },
      /not used, .* is damaged: resedge tune --model .*m\.onnx finds a new one$/,
    ],
  ])('for %s is left with a note', (_, more, says) => {
    storeChoice(choiceOf(more), machine);
    expect(stored()).toEqual({ notes: [expect.stringMatching(says)] });
  });

  it('for an earlier content of the file is left with a note', () => {
    storeChoice(choiceOf(), machine);
    writeFileSync(path, 'two');
    expect(stored()).toEqual({
      notes: [expect.stringMatching(/m\.onnx has changed since it was tuned, the choice is not/)],
    });
  });

  it('that is no JSON is left with a note', () => {
    const kept = storeChoice(choiceOf(), machine);
    writeFileSync(kept, readFileSync(kept, 'utf8').slice(0, 20));
    expect(stored()).toEqual({ notes: [expect.stringMatching(/ is damaged: /)] });
  });

  it('names the better file of the network while it is there', () => {
    const other = join(folderWith({ 'fp32.onnx': '' }), 'fp32.onnx');
    storeChoice(choiceOf({ better: { path: other, figure: '5.00 ms (p50)' } }), machine);
    expect(stored().notes).toEqual([
      `${other} is the better file of this network here: 5.00 ms (p50) against 9.00 ms (p50)`,
    ]);
    storeChoice(choiceOf({ better: { path: `${other}.gone`, figure: '5.00 ms (p50)' } }), machine);
    expect(stored().notes).toEqual([]);
  });

  it('that cannot be kept is an error that says where', () => {
    vi.stubEnv('RESEDGE_CACHE', join(folderWith({ file: '' }), 'file'));
    expect(() => storeChoice(choiceOf(), machine)).toThrow(
      /^the choice could not be kept: expected a folder to write at .*: name another one with RESEDGE_CACHE/,
    );
  });
});

describe('applyChoice', () => {
  const planned = (provider: 'cpu' | 'wasm', backend: PlannedSession['backend']): PlannedSession => ({
    ...{ provider, backend, threads: 0, spinning: true, precision: 'int8', providerOptions: {} },
    ...{ memoryBudgetMb: 512, why: '' },
  });
  const plan = [planned('cpu', 'onnxruntime-node'), planned('wasm', 'onnxruntime-web')] as const;

  it('puts the tuned way first', () => {
    const tuned = { ...choiceOf({ provider: 'wasm', backend: 'onnxruntime-web', threads: 2 }) };
    const [first, second] = applyChoice(plan, tuned);
    expect(first).toMatchObject({ provider: 'wasm', threads: 2, spinning: false, why: 'tuned here, 9.00 ms (p50)' });
    expect(second).toBe(plan[0]);
  });

  it('leaves a plan without its provider, or without a choice, as it is', () => {
    expect(applyChoice(plan, choiceOf({ provider: 'cuda' }))).toBe(plan);
    expect(applyChoice(plan, undefined)).toBe(plan);
  });
});
