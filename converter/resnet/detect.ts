import { ResedgeError } from '../../src/errors.ts';
import type { StoredTensor } from '../weights/types.ts';
import {
  type Architecture,
  type Attention,
  convolutionsOf,
  type Hints,
  type Shortcut,
  type Stage,
  type Stem,
} from './architecture.ts';
import { familyName } from './families.ts';

type Tensors = ReadonlyMap<string, Pick<StoredTensor, 'dims'>>;

/**
 * Derives the architecture from tensor names and shapes. Widths are read from every tensor that shows them and the most
 * frequent reading wins, so that one wrong tensor is named by the check of shapes instead of misleading this one.
 * `hints` say what tensors do not. Throws `input` where the names are not those of a residual network, `unsupported` for kinds of
 * them that are known and not handled.
 */
export function detectArchitecture(tensors: Tensors, hints: Hints = {}): Architecture {
  refuseKin(tensors);
  const stem = detectStem(tensors);
  const depths = detectDepths(tensors);
  const block = tensors.has('layer1.0.conv3.weight') || tensors.has('layer1.0.bn3.weight') ? 'bottleneck' : 'basic';
  const last = convolutionsOf({ block });
  const stages = depths.map((blocks, index) => detectStage(tensors, index + 1, blocks, last));
  const groups = block === 'basic' ? 1 : detectGroups(tensors, stages);
  const shortcut = detectShortcut(tensors, stem.width, stages);
  const head = detectHead(tensors, stages);
  const attention = detectAttention(tensors, depths);
  const found = { block, stem, stages, groups, shortcut, head, ...(attention ? { attention } : {}), ...hints } as const;
  return { name: familyName(found), ...found };
}

/** Networks that are residual too and compute something else. */
function refuseKin(tensors: Tensors): void {
  const fail = (what: string): never => {
    throw new ResedgeError('unsupported', `${what} is not handled: export the model as ONNX and convert that`);
  };
  if (tensors.has('stem.conv.weight') && [...tensors.keys()].some((name) => name.startsWith('stages.0.blocks.0.'))) {
    const grouped = !tensors.has('norm.running_mean') && !tensors.has('stages.0.blocks.0.norm1.running_mean');
    fail(`a resnetv2 of timm (pre-activation${grouped ? ', group norm' : ''})`);
  }
  if (tensors.has('bn1.weight') && !tensors.has('bn1.running_mean') && !tensors.has('layer1.0.bn1.running_mean')) {
    fail('a residual network with group norm, without running means,');
  }
}

function detectDeepStem(tensors: Tensors): Stem | undefined {
  const widths = [0, 3, 6].map((index) => tensors.get(`conv1.${index}.weight`)?.dims[0]);
  const [first, second, width] = widths;
  if (first === undefined || second === undefined || width === undefined) return undefined;
  return { kind: 'deep', width, inner: [first, second] };
}

function detectStem(tensors: Tensors): Stem {
  const deep = detectDeepStem(tensors);
  if (deep) return deep;
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
    const keys = [...tensors.keys()].filter((key) => key.includes(`.${name}.`));
    // A pool comes first and has no tensors: what follows is counted from 1.
    const pooled = keys.some((key) => key.endsWith(`.${name}.2.weight`));
    if (keys.length > 0) return { kind: 'projection', name, ...(pooled ? { pooled } : {}) };
  }
  const changes = stages.some((stage, index) => index > 0 || stage.out !== stemWidth);
  return changes ? { kind: 'pad' } : { kind: 'identity' };
}

function detectAttention(tensors: Tensors, depths: readonly number[]): Attention | undefined {
  const each = (name: string, axis: number): readonly (number | undefined)[] =>
    depths.map((_, index) => tensors.get(`layer${index + 1}.0.se.${name}`)?.dims[axis]);
  const whole = (widths: readonly (number | undefined)[]): readonly number[] => widths.map((width) => width ?? 0);
  const reduced = each('fc1.weight', 0);
  if (reduced.some((width) => width !== undefined)) return { kind: 'squeeze-excite', reduced: whole(reduced) };
  const kernels = each('conv.weight', 2);
  return kernels.some((kernel) => kernel !== undefined) ? { kind: 'efficient', kernels: whole(kernels) } : undefined;
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
