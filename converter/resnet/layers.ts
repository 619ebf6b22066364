import type { Pair } from '../graph/op.ts';
import { type Architecture, convolutionsOf, isPooled, type Stem } from './architecture.ts';

/** A convolution and its batch norm, by the names of their tensors. */
export type ConvLayer = {
  readonly conv: string;
  readonly norm: string;
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly groups: number;
};

/** What weighs a block's channels, by the names of its tensors. */
export type Gate =
  | { readonly kind: 'squeeze-excite'; readonly name: string; readonly channels: number; readonly reduced: number }
  | { readonly kind: 'efficient'; readonly name: string; readonly kernel: number };

export type BlockLayers = {
  readonly name: string;
  readonly main: readonly ConvLayer[];
  /** Set where a filter takes the stride after the convolution of that index on the main path. */
  readonly filterAfter?: number;
  readonly gate?: Gate;
  readonly shortcut:
    | { readonly kind: 'identity' }
    /** `pool`: an average over 2 x 2 with that stride comes first. */
    | { readonly kind: 'projection'; readonly layer: ConvLayer; readonly pool: boolean }
    | { readonly kind: 'pad'; readonly in: number; readonly out: number; readonly strides: Pair };
};

export type Layers = { readonly stem: readonly ConvLayer[]; readonly blocks: readonly BlockLayers[] };

/** Every convolution that an architecture has, in order of execution. */
export function layersOf(architecture: Architecture): Layers {
  const { stem, stages, antialias } = architecture;
  const blocks: BlockLayers[] = [];
  let width = stem.width;
  stages.forEach((stage, index) => {
    for (let position = 0; position < stage.blocks; position++) {
      const stride = position > 0 ? 1 : index === 0 ? (architecture.firstStride ?? 1) : 2;
      const name = `layer${index + 1}.${position}`;
      const filtered = antialias !== undefined && stride === 2;
      const gate = gateOf(architecture, name, index, stage.out);
      blocks.push({
        name,
        main: mainPath(architecture, name, width, stage, filtered ? 1 : stride),
        ...(filtered ? { filterAfter: stridedConvolution(architecture) - 1 } : {}),
        ...(gate ? { gate } : {}),
        shortcut: shortcutOf(architecture, name, width, stage.out, stride),
      });
      width = stage.out;
    }
  });
  return { stem: stemLayers(stem), blocks };
}

function stemLayers(stem: Stem): readonly ConvLayer[] {
  const { width } = stem;
  const layer = (conv: string, norm: string, from: number, out: number, kernel: number, stride: number): ConvLayer => ({
    ...{ conv, norm, in: from, out, kernel, stride },
    groups: 1,
  });
  switch (stem.kind) {
    case 'imagenet':
      return [layer('conv1', 'bn1', 3, width, 7, 2)];
    case 'cifar':
      return [layer('conv1', 'bn1', 3, width, 3, 1)];
    case 'deep': {
      const [first, second] = stem.inner;
      return [
        layer('conv1.0', 'conv1.1', 3, first, 3, 2),
        layer('conv1.3', 'conv1.4', first, second, 3, 1),
        layer('conv1.6', 'bn1', second, width, 3, 1),
      ];
    }
  }
}

/** The number of the convolution that has a block's stride: the first 3 x 3, or the first 1 x 1 where that is said. */
function stridedConvolution(architecture: Architecture): number {
  return architecture.block === 'basic' || architecture.stride === 'first' ? 1 : 2;
}

function mainPath(
  architecture: Architecture,
  block: string,
  width: number,
  stage: { readonly inner: number; readonly out: number },
  stride: number,
): readonly ConvLayer[] {
  const count = convolutionsOf(architecture);
  const strided = stridedConvolution(architecture);
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    return {
      conv: `${block}.conv${number}`,
      norm: `${block}.bn${number}`,
      in: number === 1 ? width : stage.inner,
      out: number === count ? stage.out : stage.inner,
      kernel: count === 2 || number === 2 ? 3 : 1,
      stride: number === strided ? stride : 1,
      groups: number === 2 && count === 3 ? architecture.groups : 1,
    };
  });
}

function gateOf({ attention }: Architecture, block: string, stage: number, channels: number): Gate | undefined {
  const name = `${block}.se`;
  switch (attention?.kind) {
    case undefined:
      return undefined;
    case 'squeeze-excite':
      return { kind: attention.kind, name, channels, reduced: attention.reduced[stage] ?? 0 };
    case 'efficient':
      return { kind: attention.kind, name, kernel: attention.kernels[stage] ?? 0 };
  }
}

function shortcutOf(
  architecture: Architecture,
  block: string,
  width: number,
  out: number,
  stride: number,
): BlockLayers['shortcut'] {
  const { shortcut } = architecture;
  const changes = stride !== 1 || width !== out;
  if (shortcut.kind === 'projection' && changes) {
    const at = `${block}.${shortcut.name}`;
    const pooled = isPooled(shortcut);
    const first = pooled ? 1 : 0;
    const layer = {
      conv: `${at}.${first}`,
      norm: `${at}.${first + 1}`,
      ...{ in: width, out, kernel: 1, stride: pooled ? 1 : stride, groups: 1 },
    };
    return { kind: 'projection', layer, pool: pooled && stride === 2 };
  }
  return changes ? { kind: 'pad', in: width, out, strides: [stride, stride] } : { kind: 'identity' };
}
