import { describe, expect, test } from 'vitest';
import { readNetwork } from '../../../../converter/network.ts';
import { type NamedTensors, seededFile, type Wanted } from '../networks.ts';
import { refusal } from '../weights/files.ts';

const basic: Wanted = { depths: [1, 1] };
const bottleneck: Wanted = { block: 'bottleneck', depths: [1, 1], groups: 2 };

type Edit = (tensors: NamedTensors) => void;
const drop =
  (...names: readonly string[]): Edit =>
  (tensors) => {
    for (const name of names) if (!tensors.delete(name)) throw new Error(`no tensor ${name}`);
  };
const put =
  (name: string, dims: readonly number[], value = 0.1): Edit =>
  (tensors) => {
    tensors.set(name, { dims, data: new Float32Array(dims.reduce((product, dim) => product * dim, 1)).fill(value) });
  };
const poke =
  (name: string, index: number, value: number): Edit =>
  (tensors) => {
    tensors.get(name)!.data[index] = value;
  };

test('a network is read with its parameters and without warnings', () => {
  const { architecture, parameters, warnings, weights } = readNetwork(seededFile(basic), 'auto');
  expect(architecture.name).toBe('resnet-basic-1-1');
  // Stem 216 + 16; block one 2 (576 + 16); block two 1152 + 32 + 2304 + 32, shortcut 128 + 32; head 160 + 10.
  expect(parameters).toBe(232 + 1184 + 3520 + 160 + 170);
  expect(warnings).toEqual([]);
  expect(weights.format).toBe('safetensors');
});

describe('each tensor at fault is named with the shape expected', () => {
  test.each<readonly [string, Wanted, Edit, string]>([
    [
      'missing',
      basic,
      drop('layer1.0.bn1.bias'),
      'expected in the weights of resnet-basic-1-1, but missing: layer1.0.bn1.bias [8]',
    ],
    ['a missing kernel', basic, drop('layer2.0.conv2.weight'), 'but missing: layer2.0.conv2.weight [16, 16, 3, 3]'],
    ['a missing half of the head', basic, drop('fc.weight'), 'but missing: fc.weight [10, 16]'],
    [
      'many missing',
      basic,
      drop('bn1.weight', 'bn1.bias', 'bn1.running_mean', 'bn1.running_var'),
      'but missing: bn1.weight [8], bn1.bias [8], bn1.running_mean [8] and 1 more',
    ],
    ['a missing shortcut', basic, drop('layer2.0.downsample.0.weight'), 'downsample.0.weight [16, 8, 1, 1]'],
    [
      'left over',
      basic,
      put('extra.weight', [2, 3]),
      'expected only the tensors of resnet-basic-1-1, left over: extra.weight [2, 3]',
    ],
    ['a bias left over', basic, put('conv1.bias', [8]), 'left over: conv1.bias [8]'],
    [
      'a kernel of another size',
      basic,
      put('layer1.0.conv1.weight', [8, 8, 5, 5]),
      'expected [8, 8, 3, 3] for layer1.0.conv1.weight of resnet-basic-1-1, received [8, 8, 5, 5]',
    ],
    [
      'a wider kernel',
      basic,
      put('layer2.0.conv1.weight', [20, 8, 3, 3]),
      'expected [16, 8, 3, 3] for layer2.0.conv1.weight of resnet-basic-1-1, received [20, 8, 3, 3]',
    ],
    ['a wider stem', basic, put('conv1.weight', [9, 3, 3, 3]), 'expected [8, 3, 3, 3] for conv1.weight'],
    ['a longer norm', basic, put('layer1.0.bn2.running_var', [9]), 'expected [8] for layer1.0.bn2.running_var'],
    ['a square norm', basic, put('bn1.bias', [8, 1]), 'expected [8] for bn1.bias of resnet-basic-1-1, received [8, 1]'],
    ['a head of other features', basic, put('fc.weight', [10, 17]), 'expected [10, 16] for fc.weight'],
    ['another group', bottleneck, put('layer2.0.conv2.weight', [16, 5, 3, 3]), 'expected [16, 8, 3, 3] for layer2.0'],
    [
      'a bottleneck without its third layer',
      bottleneck,
      drop('layer1.0.conv3.weight'),
      'layer1.0.conv3.weight [32, 8,',
    ],
  ])('%s', (_, wanted, edit, message) => {
    const refused = refusal(() => readNetwork(seededFile(wanted, 1, edit), 'auto'));
    expect(refused).toContain('input: ');
    expect(refused).toContain(message);
  });
});

describe('values', () => {
  test.each<readonly [string, Edit, string]>([
    ['NaN', poke('layer1.0.conv1.weight', 7, Number.NaN), 'found NaN in layer1.0.conv1.weight at element 7'],
    ['infinity', poke('fc.bias', 9, Number.POSITIVE_INFINITY), 'found Infinity in fc.bias at element 9'],
    ['minus infinity', poke('bn1.running_mean', 0, Number.NEGATIVE_INFINITY), 'found -Infinity in bn1.running_mean'],
    [
      'a negative variance',
      poke('layer2.0.bn1.running_var', 3, -0.5),
      'expected variances >= 0, found -0.5 in layer2.0.bn1.running_var at channel 3',
    ],
  ])('%s is refused', (_, edit, message) => {
    expect(refusal(() => readNetwork(seededFile(basic, 1, edit), 'auto'))).toContain(message);
  });

  test('a variance of zero is warned of, not refused', () => {
    const zeros: Edit = (tensors) => {
      poke('layer2.0.bn1.running_var', 3, 0)(tensors);
      poke('layer2.0.bn1.running_var', 5, -0)(tensors);
    };
    expect(readNetwork(seededFile(basic, 1, zeros), 'auto').warnings).toEqual([
      'layer2.0.bn1.running_var: 2 of 16 variances are zero; the channels never varied in training',
    ]);
  });
});

test('the architecture asked for must be the one found', () => {
  const resnet20 = seededFile({ depths: [3, 3, 3], inner: 4 });
  expect(readNetwork(resnet20, 'resnet20').architecture.name).toBe('resnet20');
  expect(refusal(() => readNetwork(resnet20, 'resnet18'))).toBe(
    'input: expected the weights of resnet18, found resnet20; --arch auto accepts them',
  );
  expect(refusal(() => readNetwork(resnet20, 'vgg16'))).toContain('usage: unknown architecture vgg16: expected auto');
});

test.each([
  ['a head without classes', { depths: [1], classes: 0 }, 'fc.weight, received [0, 8]'],
  [
    'a stem without channels',
    { depths: [1], stem: { kind: 'cifar', width: 0 } },
    'conv1.weight, received [0, 3, 3, 3]',
  ],
] as const)('%s is refused', (_, wanted, message) => {
  expect(refusal(() => readNetwork(seededFile(wanted), 'auto'))).toBe(
    `input: expected at least one value in ${message}`,
  );
});
