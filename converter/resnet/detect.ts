import { ResedgeError } from '../../src/errors.ts';
import type { StoredTensor } from '../weights/types.ts';
import { type Architecture, convolutionsOf, type Shortcut, type Stage } from './architecture.ts';
import { familyName } from './families.ts';

type Tensors = ReadonlyMap<string, Pick<StoredTensor, 'dims'>>;

/**
 * Derives the architecture from tensor names and shapes. Widths are read from every tensor that shows them and the most
 * frequent reading wins, so that one wrong tensor is named by the check of shapes instead of misleading this one.
 * Throws `input` where the names are not those of a residual network.
 */
export function detectArchitecture(tensors: Tensors): Architecture {
  const stem = detectStem(tensors);
  const depths = detectDepths(tensors);
  const block = tensors.has('layer1.0.conv3.weight') || tensors.has('layer1.0.bn3.weight') ? 'bottleneck' : 'basic';
  const last = convolutionsOf({ block });
  const stages = depths.map((blocks, index) => detectStage(tensors, index + 1, blocks, last));
  const groups = block === 'basic' ? 1 : detectGroups(tensors, stages);
  const shortcut = detectShortcut(tensors, stem.width, stages);
  const head = detectHead(tensors, stages);
  const found = { block, stem, stages, groups, shortcut, head } as const;
  return { name: familyName(found), ...found };
}

function detectStem(tensors: Tensors): Architecture['stem'] {
  const dims = tensors.get('conv1.weight')?.dims;
  const kernel = dims?.[2];
  const width = mostFrequent([dims?.[0], tensors.get('bn1.weight')?.dims[0], tensors.get('bn1.bias')?.dims[0]]);
  if (dims === undefined || width === undefined) {
    const names = [...tensors.keys()].slice(0, 4).join(', ');
    throw new ResedgeError(
      'input',
      `expected a residual network with conv1.weight and layer1.0.conv1.weight, found ${tensors.size} tensors: ${names || 'none'}`,
    );
  }
  if (dims.length !== 4 || dims[1] !== 3 || (kernel !== 7 && kernel !== 3) || dims[3] !== kernel) {
    const shape = `[${dims.join(', ')}]`;
    throw new ResedgeError(
      'input',
      `expected [width, 3, 7, 7] or [width, 3, 3, 3] for conv1.weight, received ${shape}`,
    );
  }
  return { kind: kernel === 7 ? 'imagenet' : 'cifar', width };
}

function detectDepths(tensors: Tensors): readonly number[] {
  const depths: number[] = [];
  for (const name of tensors.keys()) {
    const match = /^layer(\d{1,2})\.(\d{1,3})\./.exec(name);
    if (!match) continue;
    const stage = Number(match[1]) - 1;
    depths[stage] = Math.max(depths[stage] ?? 0, Number(match[2]) + 1);
  }
  const gap = Array.from(depths, (depth) => depth ?? 0).indexOf(0);
  if (depths.length === 0 || gap >= 0) {
    throw new ResedgeError('input', `expected tensors named layer${gap + 1 || 1}.0.conv1.weight and on, found none`);
  }
  return depths;
}

function detectStage(tensors: Tensors, stage: number, blocks: number, last: number): Stage {
  const inner: (number | undefined)[] = [];
  const out: (number | undefined)[] = [];
  for (let block = 0; block < blocks; block++) {
    const at = `layer${stage}.${block}`;
    for (let conv = 1; conv <= last; conv++) {
      const widths = conv === last ? out : inner;
      for (const name of [`conv${conv}.weight`, `bn${conv}.weight`, `bn${conv}.bias`, `bn${conv}.running_mean`]) {
        widths.push(tensors.get(`${at}.${name}`)?.dims[0]);
      }
    }
  }
  const found = { inner: mostFrequent(inner), out: mostFrequent(out) };
  if (found.inner === undefined || found.out === undefined) {
    throw new ResedgeError(
      'input',
      `expected layer${stage}.0.conv1.weight to layer${stage}.0.conv${last}.weight, found none`,
    );
  }
  return { blocks, inner: found.inner, out: found.out };
}

function detectGroups(tensors: Tensors, stages: readonly Stage[]): number {
  const seen = stages.flatMap((stage, index) =>
    Array.from({ length: stage.blocks }, (_, block) => {
      const perGroup = tensors.get(`layer${index + 1}.${block}.conv2.weight`)?.dims[1];
      return perGroup ? stage.inner / perGroup : undefined;
    }),
  );
  const groups = mostFrequent(seen) ?? 1;
  return Number.isInteger(groups) ? groups : 1;
}

function detectShortcut(tensors: Tensors, stemWidth: number, stages: readonly Stage[]): Shortcut {
  for (const name of ['downsample', 'shortcut'] as const) {
    for (const key of tensors.keys()) if (key.includes(`.${name}.`)) return { kind: 'projection', name };
  }
  const changes = stages.some((stage, index) => index > 0 || stage.out !== stemWidth);
  return changes ? { kind: 'pad' } : { kind: 'identity' };
}

function detectHead(tensors: Tensors, stages: readonly Stage[]): Architecture['head'] {
  const name = tensors.has('linear.weight') || tensors.has('linear.bias') ? 'linear' : 'fc';
  const classes = mostFrequent([tensors.get(`${name}.weight`)?.dims[0], tensors.get(`${name}.bias`)?.dims[0]]);
  const features = stages.at(-1)?.out ?? 0;
  if (classes === undefined) {
    throw new ResedgeError('input', `expected a head fc.weight [classes, ${features}] or linear.weight, found neither`);
  }
  return { name, features, classes };
}

/** The first wins a tie; undefined counts for nothing. */
function mostFrequent(values: readonly (number | undefined)[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: number | undefined;
  for (const [value, count] of counts) if (best === undefined || count > (counts.get(best) ?? 0)) best = value;
  return best;
}
