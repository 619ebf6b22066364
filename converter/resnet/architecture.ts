/** How a block's input reaches its Add where the shapes differ. */
export type Shortcut =
  /** A strided 1 x 1 convolution with batch norm; `name` is what the weights call it. */
  | { readonly kind: 'projection'; readonly name: 'downsample' | 'shortcut' }
  /** Every other pixel, new channels zero: option A of He et al. 2015, section 4.2. */
  | { readonly kind: 'pad' }
  /** No block changes its shape. */
  | { readonly kind: 'identity' };

export type Stage = {
  readonly blocks: number;
  /** Channels inside a block and at its end. */
  readonly inner: number;
  readonly out: number;
};

/** Everything that tells one residual network from another, derived from weights or expected of them. */
export type Architecture = {
  /** The family's name, such as `resnet50`; a descriptive one where the family has none. */
  readonly name: string;
  /** `basic`: two 3 x 3; `bottleneck`: 1 x 1, 3 x 3 (with the stride), 1 x 1. */
  readonly block: 'basic' | 'bottleneck';
  /** `imagenet`: 7 x 7 stride 2 and a 3 x 3 stride 2 max pool; `cifar`: 3 x 3 stride 1, no pool. */
  readonly stem: { readonly kind: 'imagenet' | 'cifar'; readonly width: number };
  readonly stages: readonly Stage[];
  readonly groups: number;
  readonly shortcut: Shortcut;
  readonly head: { readonly name: 'fc' | 'linear'; readonly features: number; readonly classes: number };
};

/** Pixels of the square that the stem was made for: 224 or 32. */
export function defaultInputSize(architecture: Architecture): number {
  return architecture.stem.kind === 'imagenet' ? 224 : 32;
}

/** Convolutions of one block on its main path. */
export function convolutionsOf(architecture: Pick<Architecture, 'block'>): number {
  return architecture.block === 'basic' ? 2 : 3;
}

/** One line for people: `resnet20: 3x3 stem, 3-3-3 basic blocks of 16-32-64 channels, projection shortcuts, head fc with 10 classes`. */
export function describe(architecture: Architecture): string {
  const { stages, stem, head, groups } = architecture;
  const list = (of: (stage: Stage) => number): string => stages.map(of).join('-');
  return [
    `${architecture.name}: ${stem.kind === 'imagenet' ? '7x7' : '3x3'} stem`,
    `${list((stage) => stage.blocks)} ${architecture.block} blocks of ${list((stage) => stage.out)} channels`,
    ...(groups > 1 ? [`${groups} groups`] : []),
    ...(architecture.shortcut.kind === 'identity' ? [] : [`${architecture.shortcut.kind} shortcuts`]),
    `head ${head.name} with ${head.classes} classes`,
  ].join(', ');
}
