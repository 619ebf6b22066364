import { ResedgeError } from '../../src/errors.ts';
import { type Architecture, convolutionsOf, type Hints, isPooled } from './architecture.ts';

/** Blocks per stage of the published networks with four stages (He et al. 2015, table 1); those with three have n-n-n. */
const DEPTHS: Readonly<Record<Architecture['block'], readonly (readonly number[])[]>> = {
  basic: [
    [1, 1, 1, 1],
    [2, 2, 2, 2],
    [3, 4, 6, 3],
  ],
  bottleneck: [
    [1, 1, 1, 1],
    [2, 2, 2, 2],
    [3, 4, 6, 3],
    [3, 4, 23, 3],
    [3, 8, 36, 3],
    [3, 24, 36, 3],
  ],
};

/** Names that `--arch` takes; widths, groups and classes of the file are free. */
export const FAMILIES: readonly string[] = [
  ...['resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnet152'],
  ...['resnext50_32x4d', 'resnext101_32x8d', 'resnext101_64x4d', 'wide_resnet50_2', 'wide_resnet101_2'],
  ...['resnet20', 'resnet32', 'resnet44', 'resnet56', 'resnet110'],
];

/** Names of timm's variants. */
const VARIANT =
  /^(wide_)?(se|eca)?res(net|next)(blur|aa)?(10|14|18|26|34|50|101|152|200)[cdest]?(_avg_down)?(_\d+x\d+d|_\d)?$/;

/**
 * The name under torchvision's rules: `resnet<layers>`, `resnext<layers>_<groups>x<width>d` with the width of one group in the
 * first stage, `wide_resnet<layers>_<factor>`; `resnet-basic-1-2-1` and the like for depths that nobody published.
 */
export function familyName(architecture: Omit<Architecture, 'name'>): string {
  const { block, groups, stages } = architecture;
  const depths = stages.map((stage) => stage.blocks);
  const published =
    DEPTHS[block].some((known) => known.join() === depths.join()) ||
    (block === 'basic' && depths.length === 3 && depths.every((depth) => depth === depths[0]));
  const first = stages[0];
  if (!published || first === undefined) return `resnet-${block}-${depths.join('-')}`;
  const layers = 2 + convolutionsOf(architecture) * depths.reduce((sum, depth) => sum + depth, 0);
  const widening = block === 'basic' ? 1 : (first.inner * 4) / first.out;
  const [before, after] = affixes(architecture);
  const inside = architecture.antialias === undefined ? '' : FILTERS[architecture.antialias];
  if (groups > 1) return `${before}resnext${inside}${layers}${after}_${groups}x${first.inner / groups}d`;
  const name = `${before}resnet${inside}${layers}${after}`;
  return widening === 1 ? name : `wide_${name}_${widening}`;
}

const FILTERS = { blur: 'blur', average: 'aa' } as const;
const GATES = { 'squeeze-excite': 'se', efficient: 'eca' } as const;

/** timm's marks of variants: `se` and `eca` before the name, `c`, `d`, `e`, `s` and `t` (He, T. et al. 2018) after the layers. */
function affixes({ attention, stem, shortcut }: Omit<Architecture, 'name'>): readonly [string, string] {
  const before = attention === undefined ? '' : GATES[attention.kind];
  if (stem.kind !== 'deep') return [before, isPooled(shortcut) ? '_avg_down' : ''];
  const [first, second] = stem.inner;
  const wide = stem.width > 64;
  if (!isPooled(shortcut)) return [before, wide ? 's' : 'c'];
  return [before, first === second ? (wide ? 'e' : 'd') : 't'];
}

/** What a name of timm says and its tensors do not: networks with and without antialiasing have the same. */
export function hintsOf(architecture: string): Hints {
  const [, kind] = /res(?:net|next)(blur|aa)/.exec(architecture) ?? [];
  if (kind === undefined) return {};
  return { antialias: kind === 'blur' ? 'blur' : 'average' };
}

/** Throws where the detected architecture is not the named one: `usage` for an unknown name, else `input`. */
export function requireFamily(detected: Architecture, name: string): void {
  if (!FAMILIES.includes(name) && !VARIANT.test(name)) {
    throw new ResedgeError(
      'usage',
      `unknown architecture ${name}: expected auto or one of ${FAMILIES.join(', ')}, or a variant such as resnet50d, seresnet50 or resnetblur50`,
    );
  }
  // The width of a file is free, and with it the number of groups in the name.
  const kin = (family: string): string => family.replace(/_\d+x\d+d$/, '');
  if (kin(detected.name) !== kin(name)) {
    throw new ResedgeError(
      'input',
      `expected the weights of ${name}, found ${detected.name}; --arch auto accepts them`,
    );
  }
}
