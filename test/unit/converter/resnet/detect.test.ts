import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Architecture, defaultInputSize, describe as sayWhat } from '../../../../converter/resnet/architecture.ts';
import { checkShapes, expectedShapes } from '../../../../converter/resnet/check.ts';
import { detectArchitecture } from '../../../../converter/resnet/detect.ts';
import { FAMILIES, requireFamily } from '../../../../converter/resnet/families.ts';
import type { StoredTensor } from '../../../../converter/weights/types.ts';
import { architecture, type Wanted } from '../networks.ts';
import { refusal } from '../weights/files.ts';

/** Tensors that have names and shapes alone. */
function shapesOnly(of: Architecture): Map<string, StoredTensor> {
  const read = (): Float32Array => {
    throw new Error('detection reads no values');
  };
  const tensors = new Map<string, StoredTensor>();
  for (const [name, dims] of expectedShapes(of)) {
    tensors.set(name, { dtype: 'F32', dims, read });
    if (name.endsWith('running_var')) {
      tensors.set(name.replace('running_var', 'num_batches_tracked'), { dtype: 'I64', dims: [], read });
    }
  }
  return tensors;
}

function parameters(of: Architecture): number {
  let count = 0;
  for (const [name, dims] of expectedShapes(of)) {
    if (!name.includes('running')) count += dims.reduce((product, dim) => product * dim, 1);
  }
  return count;
}

const imagenet = { stem: { kind: 'imagenet', width: 64 }, inner: 64, classes: 1000 } as const;
const cifar = (depth: number): Wanted => ({ depths: [depth, depth, depth], inner: 16, shortcut: { kind: 'pad' } });
const bottleneck = { ...imagenet, block: 'bottleneck' } as const;

/** Published networks with the number of parameters that their publishers state: torchvision, and He et al.'s for CIFAR-10. */
const published: readonly (readonly [string, Wanted, number])[] = [
  ['resnet18', { ...imagenet, depths: [2, 2, 2, 2] }, 11_689_512],
  ['resnet34', { ...imagenet, depths: [3, 4, 6, 3] }, 21_797_672],
  ['resnet50', { ...bottleneck, depths: [3, 4, 6, 3] }, 25_557_032],
  ['resnet101', { ...bottleneck, depths: [3, 4, 23, 3] }, 44_549_160],
  ['resnet152', { ...bottleneck, depths: [3, 8, 36, 3] }, 60_192_808],
  ['resnext50_32x4d', { ...bottleneck, depths: [3, 4, 6, 3], inner: 128, expansion: 2, groups: 32 }, 25_028_904],
  ['resnext101_32x8d', { ...bottleneck, depths: [3, 4, 23, 3], inner: 256, expansion: 1, groups: 32 }, 88_791_336],
  ['resnext101_64x4d', { ...bottleneck, depths: [3, 4, 23, 3], inner: 256, expansion: 1, groups: 64 }, 83_455_272],
  ['wide_resnet50_2', { ...bottleneck, depths: [3, 4, 6, 3], inner: 128, expansion: 2 }, 68_883_240],
  ['wide_resnet101_2', { ...bottleneck, depths: [3, 4, 23, 3], inner: 128, expansion: 2 }, 126_886_696],
  ['resnet20', cifar(3), 269_722],
  ['resnet32', cifar(5), 464_154],
  ['resnet44', cifar(7), 658_586],
  ['resnet56', cifar(9), 853_018],
  ['resnet110', cifar(18), 1_727_962],
];

test('the list of published networks is the list of families', () => {
  expect(published.map(([name]) => name).toSorted()).toEqual(FAMILIES.toSorted());
});

describe.each(published)('%s', (name, wanted, count) => {
  const of = architecture(wanted);

  test('is found from names and shapes alone, with all its parameters', () => {
    const tensors = shapesOnly(of);
    const found = detectArchitecture(tensors);
    expect(found).toEqual({ ...of, name });
    expect(parameters(found)).toBe(count);
    expect(() => checkShapes(found, tensors)).not.toThrow();
    expect(() => requireFamily(found, name)).not.toThrow();
    expect(defaultInputSize(found)).toBe(wanted.stem?.kind === 'imagenet' ? 224 : 32);
  });

  test.each(FAMILIES.filter((other) => other !== name))('is not %s', (other) => {
    const kin = (family: string): string => family.replace(/_\d+x\d+d$/, '');
    const refused = refusal(() => requireFamily({ ...of, name }, other));
    if (kin(other) === kin(name)) expect(refused).toBe('accepted');
    else expect(refused).toBe(`input: expected the weights of ${other}, found ${name}; --arch auto accepts them`);
  });
});

test('any depth, width, number of groups and classes is found again', () => {
  const wanted = fc.record<Wanted>({
    block: fc.constantFrom('basic', 'bottleneck'),
    depths: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
    stem: fc.record({ kind: fc.constantFrom('imagenet', 'cifar'), width: fc.integer({ min: 1, max: 70 }) }),
    inner: fc.integer({ min: 1, max: 40 }).map((n) => n * 4),
    expansion: fc.constantFrom(1, 2, 4),
    groups: fc.constantFrom(1, 2, 4),
    shortcut: fc.constantFrom(
      { kind: 'projection', name: 'downsample' } as const,
      { kind: 'projection', name: 'shortcut' } as const,
      { kind: 'pad' } as const,
    ),
    head: fc.constantFrom('fc', 'linear'),
    classes: fc.integer({ min: 1, max: 2000 }),
  });
  fc.assert(
    fc.property(wanted, (chosen) => {
      const basic = chosen.block === 'basic';
      const of = architecture({ ...chosen, ...(basic ? { groups: 1, expansion: 1 } : {}) });
      const changes = of.stages.length > 1 || of.stages[0]?.out !== of.stem.width;
      const tensors = shapesOnly(of);
      const { name, ...found } = detectArchitecture(tensors);
      const { name: _, ...expected } = of;
      expect(found).toEqual(changes ? expected : { ...expected, shortcut: { kind: 'identity' } });
      expect(() => checkShapes({ name, ...found }, tensors)).not.toThrow();
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('a depth that nobody published is described', () => {
  const found = detectArchitecture(shapesOnly(architecture({ depths: [1, 2, 1], shortcut: { kind: 'pad' } })));
  expect(found.name).toBe('resnet-basic-1-2-1');
  expect(sayWhat(found)).toBe(
    'resnet-basic-1-2-1: 3x3 stem, 1-2-1 basic blocks of 8-16-32 channels, pad shortcuts, head fc with 10 classes',
  );
});

test('a family that does not exist is a wrong option', () => {
  expect(refusal(() => requireFamily(architecture({ depths: [1] }), 'resnet19'))).toContain(
    'usage: unknown architecture resnet19: expected auto or one of resnet18, ',
  );
});

describe('refuses names and shapes that are no residual network', () => {
  const base = architecture({ depths: [1, 1] });
  const without = (pattern: RegExp): Map<string, StoredTensor> =>
    new Map([...shapesOnly(base)].filter(([name]) => !pattern.test(name)));
  const reshaped = (name: string, dims: readonly number[]): Map<string, StoredTensor> => {
    const tensors = shapesOnly(base);
    return tensors.set(name, { ...tensors.get(name)!, dims });
  };

  test.each<readonly [string, Map<string, StoredTensor>, string]>([
    ['nothing', new Map(), 'found 0 tensors: none'],
    ['no stem', without(/^conv1/), 'expected a residual network with conv1.weight and layer1.0.conv1.weight, found'],
    ['a 5 x 5 stem', reshaped('conv1.weight', [8, 3, 5, 5]), 'for conv1.weight, received [8, 3, 5, 5]'],
    ['a grey stem', reshaped('conv1.weight', [8, 1, 3, 3]), 'for conv1.weight, received [8, 1, 3, 3]'],
    ['a flat stem', reshaped('conv1.weight', [8, 27]), 'for conv1.weight, received [8, 27]'],
    ['no blocks', without(/^layer/), 'expected tensors named layer1.0.conv1.weight and on, found none'],
    ['no first stage', without(/^layer1/), 'expected tensors named layer1.0.conv1.weight and on, found none'],
    ['a block of other layers', without(/^layer2.0.(conv|bn)/), 'expected layer2.0.conv1.weight to layer2.0.conv2'],
    ['no head', without(/^fc/), 'expected a head fc.weight [classes, 16] or linear.weight, found neither'],
  ])('%s', (_, tensors, message) => {
    const refused = refusal(() => detectArchitecture(tensors));
    expect(refused).toContain('input: ');
    expect(refused).toContain(message);
  });
});
