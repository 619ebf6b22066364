/** How a block's input reaches its Add where the shapes differ. */
export type Shortcut =
  /** A strided 1 x 1 convolution with batch norm; `name` is what the weights call it. `pooled`: a 2 x 2 average has the stride. */
  | { readonly kind: 'projection'; readonly name: 'downsample' | 'shortcut'; readonly pooled?: true }
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

export type Stem =
  /** `imagenet`: 7 x 7 stride 2 and a 3 x 3 stride 2 max pool; `cifar`: 3 x 3 stride 1, no pool. */
  | { readonly kind: 'imagenet' | 'cifar'; readonly width: number }
  /** Three 3 x 3, the first with stride 2 and the first two of `inner` channels, and the max pool (He, T. et al. 2018, ResNet-C). */
  | { readonly kind: 'deep'; readonly width: number; readonly inner: readonly [number, number] };

/** What weighs the channels at the end of a block's main path. */
export type Attention =
  /** Two 1 x 1 over the mean, `reduced` channels between them in each stage (Hu et al. 2018). */
  | { readonly kind: 'squeeze-excite'; readonly reduced: readonly number[] }
  /** A convolution over neighbouring channels' means, of this many in each stage (Wang et al. 2020). */
  | { readonly kind: 'efficient'; readonly kernels: readonly number[] };

/** What weights do not show and their names or configuration do. */
export type Hints = {
  /** Filtering before every stride: 3 x 3 binomial (Zhang 2019), or 2 x 2 averages. */
  readonly antialias?: 'blur' | 'average';
  /** `first`: the 1 x 1 that opens a bottleneck has its stride, as in He et al. 2015; default: the 3 x 3. */
  readonly stride?: 'first';
  /** Of the first stage; default 1. */
  readonly firstStride?: 2;
};

/** Everything that tells one residual network from another, derived from weights or expected of them. */
export type Architecture = {
  /** The family's name, such as `resnet50`; a descriptive one where the family has none. */
  readonly name: string;
  /** `basic`: two 3 x 3; `bottleneck`: 1 x 1, 3 x 3 (with the stride), 1 x 1. */
  readonly block: 'basic' | 'bottleneck';
  readonly stem: Stem;
  readonly stages: readonly Stage[];
  readonly groups: number;
  readonly shortcut: Shortcut;
  readonly attention?: Attention;
  readonly head: { readonly name: 'fc' | 'linear'; readonly features: number; readonly classes: number };
} & Hints;

/** Pixels of the square that the stem was made for: 224 or 32. */
export function defaultInputSize(architecture: Architecture): number {
  return architecture.stem.kind === 'cifar' ? 32 : 224;
}

/** Convolutions of one block on its main path. */
export function convolutionsOf(architecture: Pick<Architecture, 'block'>): number {
  return architecture.block === 'basic' ? 2 : 3;
}

const STEMS: Readonly<Record<Stem['kind'], string>> = { imagenet: '7x7', cifar: '3x3', deep: 'three 3x3' };

/** True where a shortcut averages before it projects. */
export function isPooled(shortcut: Shortcut): boolean {
  return shortcut.kind === 'projection' && shortcut.pooled === true;
}

/** One line for people: `resnet20: 3x3 stem, 3-3-3 basic blocks of 16-32-64 channels, projection shortcuts, head fc with 10 classes`. */
export function describe(architecture: Architecture): string {
  const { stages, stem, head, groups, shortcut, attention, antialias, stride } = architecture;
  const list = (of: (stage: Stage) => number): string => stages.map(of).join('-');
  return [
    `${architecture.name}: ${STEMS[stem.kind]} stem`,
    `${list((stage) => stage.blocks)} ${architecture.block} blocks of ${list((stage) => stage.out)} channels`,
    ...(groups > 1 ? [`${groups} groups`] : []),
    ...(stride === 'first' ? ['stride in the first 1x1'] : []),
    ...(shortcut.kind === 'identity' ? [] : [`${isPooled(shortcut) ? 'pooled ' : ''}${shortcut.kind} shortcuts`]),
    ...(attention ? [attention.kind === 'efficient' ? 'efficient channel attention' : 'squeeze and excite'] : []),
    ...(antialias ? [antialias === 'blur' ? 'blur pooling' : 'average pooling for antialiasing'] : []),
    `head ${head.name} with ${head.classes} classes`,
  ].join(', ');
}
