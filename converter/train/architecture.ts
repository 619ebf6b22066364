import { ResedgeError } from '../../src/errors.ts';
import type { Architecture, Stage } from '../resnet/architecture.ts';
import { FAMILIES, familyName } from '../resnet/families.ts';

type Family = Pick<Architecture, 'block' | 'groups'> & {
  readonly depths: readonly number[];
  readonly stem: 'imagenet' | 'cifar';
  /** Channels inside a block of the first stage, and at its end; every later stage doubles both. */
  readonly inner: number;
  readonly out: number;
};

/** Layers of a network and blocks of its stages (He et al. 2015, table 1). */
const DEPTHS: Readonly<Record<string, readonly number[]>> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};
const BASIC_LAYERS: ReadonlySet<string> = new Set(['18', '34']);
const WIDTH = 64;

/**
 * A family's network for so many classes, with projection shortcuts where shapes change, under torchvision's names. Throws `usage` for a
 * name that is no family's.
 */
export function architectureOf(name: string, classes: number): Architecture {
  const { block, groups, depths, stem, inner, out } = familyNamed(name);
  const stages: readonly Stage[] = depths.map((blocks, i) => ({ blocks, inner: inner * 2 ** i, out: out * 2 ** i }));
  const found = {
    block,
    stem: { kind: stem, width: stem === 'cifar' ? out : WIDTH },
    stages,
    groups,
    shortcut: { kind: 'projection', name: 'downsample' },
    head: { name: 'fc', features: stages.at(-1)?.out ?? 0, classes },
  } as const;
  return { name: familyName(found), ...found };
}

/** Throws `usage` for a name that is no family's. */
export function expectFamily(name: string): void {
  familyNamed(name);
}

function familyNamed(name: string): Family {
  const family = FAMILIES.includes(name) ? familyOf(name) : undefined;
  if (family !== undefined) return family;
  throw new ResedgeError('usage', `unknown architecture ${name}: expected one of ${FAMILIES.join(', ')}`);
}

function familyOf(name: string): Family | undefined {
  const [, wide, , layers = '', groups, group, factor] =
    /^(wide_)?res(net|next)(\d+)(?:_(\d+)x(\d+)d)?(?:_(\d+))?$/.exec(name) ?? [];
  const depths = DEPTHS[layers];
  if (depths === undefined) return cifarFamily(Number(layers));
  if (BASIC_LAYERS.has(layers))
    return { block: 'basic', groups: 1, depths, stem: 'imagenet', inner: WIDTH, out: WIDTH };
  const inner = groups === undefined ? WIDTH * (wide ? Number(factor) : 1) : Number(groups) * Number(group);
  return { block: 'bottleneck', groups: Number(groups ?? 1), depths, stem: 'imagenet', inner, out: WIDTH * 4 };
}

/** Three stages of 16, 32 and 64 channels: 6 n + 2 layers (He et al. 2015, section 4.2). */
function cifarFamily(layers: number): Family | undefined {
  const blocks = (layers - 2) / 6;
  if (!Number.isInteger(blocks)) return undefined;
  return { block: 'basic', groups: 1, depths: [blocks, blocks, blocks], stem: 'cifar', inner: 16, out: 16 };
}
