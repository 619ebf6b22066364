import type { Pair } from '../graph/op.ts';
import { type Architecture, convolutionsOf } from './architecture.ts';

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

export type BlockLayers = {
  readonly name: string;
  readonly main: readonly ConvLayer[];
  readonly shortcut:
    | { readonly kind: 'identity' }
    | { readonly kind: 'projection'; readonly layer: ConvLayer }
    | { readonly kind: 'pad'; readonly in: number; readonly out: number; readonly strides: Pair };
};

export type Layers = { readonly stem: ConvLayer; readonly blocks: readonly BlockLayers[] };

/** Every convolution that an architecture has, in order of execution. */
export function layersOf(architecture: Architecture): Layers {
  const { stem, stages } = architecture;
  const blocks: BlockLayers[] = [];
  let width = stem.width;
  stages.forEach((stage, index) => {
    for (let position = 0; position < stage.blocks; position++) {
      const stride = position === 0 && index > 0 ? 2 : 1;
      const name = `layer${index + 1}.${position}`;
      blocks.push({
        name,
        main: mainPath(architecture, name, width, stage, stride),
        shortcut: shortcutOf(architecture, name, width, stage.out, stride),
      });
      width = stage.out;
    }
  });
  const imagenet = stem.kind === 'imagenet';
  return {
    stem: {
      conv: 'conv1',
      norm: 'bn1',
      in: 3,
      out: stem.width,
      kernel: imagenet ? 7 : 3,
      stride: imagenet ? 2 : 1,
      groups: 1,
    },
    blocks,
  };
}

function mainPath(
  architecture: Architecture,
  block: string,
  width: number,
  stage: { readonly inner: number; readonly out: number },
  stride: number,
): readonly ConvLayer[] {
  const count = convolutionsOf(architecture);
  // The stride stands in the first 3 x 3: conv1 of a basic block, conv2 of a bottleneck.
  const strided = count === 2 ? 1 : 2;
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
    const layer = { conv: `${at}.0`, norm: `${at}.1`, in: width, out, kernel: 1, stride, groups: 1 };
    return { kind: 'projection', layer };
  }
  return changes ? { kind: 'pad', in: width, out, strides: [stride, stride] } : { kind: 'identity' };
}
