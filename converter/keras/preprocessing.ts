import type { Preprocessing } from '../../src/tensor/preprocessing.ts';
import type { Model } from './types.ts';

/** How pictures are prepared, and in words. */
export type Prepared = {
  readonly values: Partial<Pick<Preprocessing, 'scale' | 'mean' | 'std' | 'channels'>>;
  readonly words: string;
};

const NONE = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/** The modes of Keras's `imagenet_utils.preprocess_input`. */
const CAFFE: Prepared = {
  values: { channels: 'bgr', scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] },
  words: "pictures in Caffe's way (BGR minus its mean)",
};
const TF: Prepared = {
  values: { channels: 'rgb', scale: 127.5, mean: [1, 1, 1], std: [1, 1, 1] },
  words: "pictures in TensorFlow's way (-1 to 1)",
};
const TORCH: Prepared = {
  values: { channels: 'rgb', scale: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  words: "pictures in PyTorch's way (ImageNet's mean and deviation)",
};
/** The model prepares them itself. */
const INSIDE: Prepared = {
  values: { channels: 'rgb', scale: 1, ...NONE },
  words: 'pictures as they are (0 to 255), prepared inside',
};
const UNSTATED: Prepared = { values: {}, words: 'nothing said of pictures' };

/** Models of keras.applications by the names that they give themselves. */
const APPLICATIONS: readonly (readonly [RegExp, Prepared])[] = [
  [/^resnet(50|101|152)$/, CAFFE],
  [/^vgg(16|19)$/, CAFFE],
  [/^resnet(50|101|152)v2$/, TF],
  [/^(xception|inception_v3|inception_resnet_v2|nasnet_?\w*)$/, TF],
  [/^mobilenet(v2)?_\d/, TF],
  [/^densenet(121|169|201)$/, TORCH],
];

/** The name of a model of keras.applications, the one that is converted or one inside it; undefined for any other. */
export function applicationIn(model: Model): string | undefined {
  if (APPLICATIONS.some(([pattern]) => pattern.test(model.name))) return model.name;
  const own = resnetOf(model.layers.map(({ name }) => name));
  if (own !== undefined) return own;
  for (const { model: inner } of model.layers) {
    const name = inner && applicationIn(inner);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** Blocks of the third and fourth stage, by depth. */
const DEPTHS = { '4,6': 50, '4,23': 101, '8,36': 152 } as const;

/** The ResNet of keras.applications whose layers these are, by their names. */
export function resnetOf(layers: readonly string[]): string | undefined {
  const blocks = (stage: number): number =>
    layers.filter((name) => new RegExp(`^conv${stage}_block\\d+_1_conv$`).test(name)).length;
  const depth = DEPTHS[`${blocks(3)},${blocks(4)}` as keyof typeof DEPTHS];
  if (depth === undefined || !layers.includes('conv1_conv')) return undefined;
  return `resnet${depth}${layers.includes('post_bn') ? 'v2' : ''}`;
}

/** By the layers that come before the first convolution, or by what the model is. */
export function preparedFor(model: Model): Prepared {
  const kinds = kindsOf(model);
  const first = kinds.findIndex((kind) => kind.endsWith('Conv2D'));
  if (kinds.slice(0, first).some((kind) => kind === 'Rescaling' || kind === 'Normalization')) return INSIDE;
  const name = applicationIn(model);
  return APPLICATIONS.find(([pattern]) => name !== undefined && pattern.test(name))?.[1] ?? UNSTATED;
}

/** Of a ResNet of keras.applications by its name, whatever its depth. */
export function preparedForWeights(name: string): Prepared {
  return name.endsWith('v2') ? TF : CAFFE;
}

function kindsOf({ layers }: Model): readonly string[] {
  return layers.flatMap(({ kind, model }) => (model ? kindsOf(model) : [kind]));
}
