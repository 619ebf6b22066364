import { describe, expect, test } from 'vitest';
import { findStateDict } from '../../../../converter/weights/find-state-dict.ts';
import type { PickleDict, PickleTensor, PickleValue } from '../../../../converter/weights/pickle-values.ts';
import { stripPrefixes } from '../../../../converter/weights/strip-prefixes.ts';
import { refusal } from './files.ts';

const tensor: PickleTensor = {
  kind: 'tensor',
  offset: 0,
  dims: [],
  strides: [],
  storage: {
    kind: 'storage',
    key: '0',
    type: 'torch.FloatStorage',
    dtype: 'F32',
    elementBytes: 4,
    rootCount: 1,
    first: 0,
    count: 1,
  },
};

function dict(entries: Readonly<Record<string, PickleValue>>): PickleDict {
  return { kind: 'dict', entries: new Map(Object.entries(entries)) };
}

function strip(...names: readonly string[]): {
  readonly names: readonly string[];
  readonly prefixes: readonly string[];
} {
  const { tensors, prefixes } = stripPrefixes(new Map(names.map((name) => [name, name])));
  return { names: [...tensors.keys()], prefixes };
}

describe('findStateDict', () => {
  const state = dict({ 'conv1.weight': tensor, 'fc.bias': tensor });

  test.each([
    ['bare', state, []],
    ['under state_dict, beside a tensor', dict({ best: tensor, state_dict: state }), ['state_dict']],
    ['under model', dict({ epoch: 3, model: state, optimizer: dict({ state: dict({}) }) }), ['model']],
    ['under model_state_dict', dict({ model_state_dict: state }), ['model_state_dict']],
    ['wrapper in wrapper', dict({ state_dict: dict({ model: state }) }), ['state_dict', 'model']],
    ['beside an empty wrapper', dict({ state_dict: dict({}), model: state }), ['model']],
    ['beside entries that are no tensors', dict({ ...Object.fromEntries(state.entries as never), epoch: 3 }), []],
  ])('%s', (_, value, keys) => {
    const found = findStateDict(value);
    expect([...found.tensors.keys()]).toEqual(['conv1.weight', 'fc.bias']);
    expect(found.keys).toEqual(keys);
  });

  test('what was found instead is said', () => {
    expect(refusal(() => findStateDict(tensor))).toMatch(
      /^input: expected a state dict .* received a value that is a tensor/,
    );
    expect(refusal(() => findStateDict(dict({ epoch: 3, seed: 1 })))).toContain('a dict with epoch, seed: save');
    expect(refusal(() => findStateDict(dict({ epoch: 3, ema: state })))).toContain('tensors only under ema: save');
    expect(refusal(() => findStateDict(dict({})))).toContain('a dict with no keys');
  });

  test('a dict that wraps itself has an end', () => {
    const loop = dict({});
    for (const key of ['state_dict', 'model_state_dict', 'model']) loop.entries.set(key, loop);
    expect(refusal(() => findStateDict(loop))).toContain('expected a state dict');
  });
});

describe('stripPrefixes', () => {
  test.each([
    [['conv1.weight', 'fc.bias'], ['conv1.weight', 'fc.bias'], []],
    [['module.conv1.weight', 'module.fc.bias'], ['conv1.weight', 'fc.bias'], ['module.']],
    [['module._orig_mod.model.conv1.weight'], ['conv1.weight'], ['module.', '_orig_mod.', 'model.']],
    [['_orig_mod.module.conv1.weight'], ['conv1.weight'], ['_orig_mod.', 'module.']],
    [['module.module.conv1.weight'], ['conv1.weight'], ['module.', 'module.']],
    [['backbone.conv1.weight', 'fc.weight'], ['conv1.weight', 'fc.weight'], ['backbone.']],
    [
      ['model.backbone.conv1.weight', 'model.linear.weight'],
      ['conv1.weight', 'linear.weight'],
      ['model.', 'backbone.'],
    ],
    [['module.conv1.weight', 'conv2.weight'], ['module.conv1.weight', 'conv2.weight'], []],
    [['module.', 'module.fc.bias'], ['module.', 'module.fc.bias'], []],
    [['fc.weight', 'fc.bias'], ['fc.weight', 'fc.bias'], []],
    [['module.bn1.num_batches_tracked'], ['bn1.num_batches_tracked'], ['module.']],
  ])('%j', (names, stripped, prefixes) => {
    expect(strip(...names)).toEqual({ names: stripped, prefixes });
  });

  test('no more than eight are taken off', () => {
    expect(strip(`${'module.'.repeat(10)}fc.bias`).names).toEqual(['module.module.fc.bias']);
  });

  test('two tensors of one name are refused', () => {
    expect(refusal(() => strip('backbone.conv1.weight', 'backbone.fc.weight', 'fc.weight'))).toMatch(
      /^input: expected one tensor fc\.weight, received it with and without the prefix backbone\./,
    );
  });
});
