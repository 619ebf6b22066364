import { expect, test } from 'vitest';
import { readNetwork } from '../../../../converter/network.ts';
import { detectArchitecture } from '../../../../converter/resnet/detect.ts';
import { hintsOf } from '../../../../converter/resnet/families.ts';
import { readSourceConfig } from '../../../../converter/resnet/source-config.ts';
import { seededFile } from '../networks.ts';

/** As transformers writes it for microsoft/resnet-50, with three classes. */
const RESNET = {
  architectures: ['ResNetForImageClassification'],
  model_type: 'resnet',
  depths: [3, 4, 6, 3],
  layer_type: 'bottleneck',
  hidden_act: 'relu',
  downsample_in_first_stage: false,
  id2label: { 0: 'tench, Tinca tinca', 1: 'goldfish, Carassius auratus', 2: 'great white shark' },
};
const PROCESSOR = {
  crop_pct: 0.875,
  do_normalize: true,
  do_resize: true,
  feature_extractor_type: 'ConvNextFeatureExtractor',
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  resample: 3,
  size: 224,
};

/** As timm writes it. */
const TIMM = {
  architecture: 'resnet50d',
  num_classes: 2,
  num_features: 2048,
  global_pool: 'avg',
  label_names: ['n01440764', 'n01443537'],
  label_descriptions: { n01440764: 'tench, Tinca tinca', n01443537: 'goldfish, Carassius auratus' },
  pretrained_cfg: {
    tag: 'ra2_in1k',
    input_size: [3, 224, 224],
    test_input_size: [3, 288, 288],
    interpolation: 'bicubic',
    crop_pct: 0.95,
    crop_mode: 'center',
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
    num_classes: 2,
  },
};

test("transformers' files say labels, size, crop, mean and deviation", () => {
  expect(readSourceConfig(RESNET, PROCESSOR)).toEqual({
    hints: {},
    preprocessing: {
      inputSize: 224,
      resize: 256,
      interpolation: 'bicubic',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    classes: 3,
    labels: ['tench, Tinca tinca', 'goldfish, Carassius auratus', 'great white shark'],
    depths: [3, 4, 6, 3],
    warnings: [],
  });
});

test.each([
  [
    { size: { shortest_edge: 192 }, crop_pct: 0.75, resample: 2 },
    { inputSize: 192, resize: 256, interpolation: 'bilinear' },
    0,
  ],
  [
    { size: { shortest_edge: 256 }, do_center_crop: true, crop_size: { height: 224, width: 224 } },
    { inputSize: 224, resize: 256 },
    0,
  ],
  [{ size: { height: 224, width: 224 } }, { inputSize: 224, resize: 224 }, 1],
  [{ size: { shortest_edge: 384 }, crop_pct: 0.875 }, { inputSize: 384, resize: 384 }, 1],
  [{ rescale_factor: 1 / 255 }, { scale: 255 }, 0],
  [{ resample: 1 }, {}, 1],
  [{ resample: 9 }, {}, 1],
])('an image processor of %o', (processor, preprocessing, warnings) => {
  const facts = readSourceConfig(RESNET, processor);
  expect(facts?.preprocessing).toEqual(preprocessing);
  expect(facts?.warnings).toHaveLength(warnings);
});

test('transformers says where strides stand, which tensors do not', () => {
  const facts = readSourceConfig({ ...RESNET, downsample_in_bottleneck: true, downsample_in_first_stage: true });
  expect(facts?.hints).toEqual({ stride: 'first', firstStride: 2 });
});

test('classes that nobody named have no labels', () => {
  const facts = readSourceConfig({ ...RESNET, id2label: { 0: 'LABEL_0', 1: 'LABEL_1' } });
  expect([facts?.labels, facts?.classes]).toEqual([undefined, 2]);
});

test("timm's file says labels, WordNet ids, size, crop, mean and deviation", () => {
  expect(readSourceConfig(TIMM)).toEqual({
    hints: {},
    preprocessing: {
      inputSize: 224,
      resize: 235,
      interpolation: 'bicubic',
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    },
    labels: ['tench, Tinca tinca', 'goldfish, Carassius auratus'],
    labelIds: ['n01440764', 'n01443537'],
    classes: 2,
    warnings: [],
  });
});

test.each([
  [
    'lanczos',
    undefined,
    /resizes pictures by lanczos interpolation, expected bilinear or bicubic: give --interpolation/,
  ],
  ['random', undefined, undefined],
  ['bilinear', 'bilinear', undefined],
])("timm's interpolation %s", (interpolation, stated, warning) => {
  const facts = readSourceConfig({ ...TIMM, pretrained_cfg: { ...TIMM.pretrained_cfg, interpolation } });
  expect(facts?.preprocessing.interpolation).toBe(stated);
  expect(facts?.warnings).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
});

test("timm's names say what filters before strides", () => {
  expect(hintsOf('resnetblur50')).toEqual({ antialias: 'blur' });
  expect(hintsOf('seresnextaa101d_32x8d')).toEqual({ antialias: 'average' });
  expect(hintsOf('resnet50d')).toEqual({});
});

test('a config of something else says nothing', () => {
  for (const config of [{}, [], null, 'x', { model_type: 'vit' }, { compilerOptions: {} }]) {
    expect(readSourceConfig(config)).toBeUndefined();
  }
});

test.each([
  [{ ...TIMM, global_pool: 'catavgmax' }, 'unsupported', 'expected avg for global_pool, received "catavgmax"'],
  [
    { ...TIMM, pretrained_cfg: { input_size: [1, 224, 224] } },
    'unsupported',
    'expected [3, size, size] for input_size',
  ],
  [{ ...TIMM, pretrained_cfg: { mean: [0.5] } }, 'input', 'expected three numbers for mean, received [0.5]'],
  [{ ...TIMM, pretrained_cfg: { crop_pct: -1 } }, 'input', 'expected a number above 0 for crop_pct, received -1'],
  [{ ...TIMM, num_classes: 'many' }, 'input', 'expected a number of classes for num_classes'],
  [{ ...TIMM, label_names: [1] }, 'input', 'expected names for label_names'],
  [{ ...RESNET, hidden_act: 'gelu' }, 'unsupported', 'expected relu for hidden_act, received "gelu"'],
  [{ ...RESNET, id2label: { 0: 'a', 2: 'b' } }, 'input', 'expected a name for id2label.1'],
])('%o is refused', (config, code, message) => {
  expect(() => readSourceConfig(config)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});

test('a config that belongs to other weights is refused', () => {
  const weights = seededFile({ depths: [1, 1], classes: 4 });
  const facts = { hints: {}, preprocessing: {}, warnings: [] };
  expect(readNetwork(weights, 'auto', { ...facts, classes: 4, depths: [1, 1] }).classes).toBe(4);
  expect(() => readNetwork(weights, 'auto', { ...facts, classes: 1000 })).toThrow(
    /config\.json beside them, which states 1000 classes, found resnet-basic-1-1 with 4/,
  );
  expect(() => readNetwork(weights, 'auto', { ...facts, depths: [2, 2] })).toThrow(/states stages of 2-2 blocks/);
});

test('an architecture that tensors do not show is taken from its name', () => {
  const weights = seededFile({ depths: [1, 1, 1, 1], stem: { kind: 'imagenet', width: 8 } });
  expect(readNetwork(weights, 'resnetblur10').architecture).toMatchObject({ name: 'resnetblur10', antialias: 'blur' });
});

const tensors = (...names: readonly string[]) => new Map(names.map((name) => [name, { dims: [8, 3, 7, 7] }]));

test('networks of another build are refused by name', () => {
  expect(() =>
    detectArchitecture(tensors('stem.conv.weight', 'stages.0.blocks.0.norm1.weight', 'norm.weight')),
  ).toThrow(
    'a resnetv2 of timm (pre-activation, group norm) is not handled: export the model as ONNX and convert that',
  );
  expect(() =>
    detectArchitecture(tensors('stem.conv.weight', 'stages.0.blocks.0.norm1.running_mean', 'norm.running_mean')),
  ).toThrow('a resnetv2 of timm (pre-activation) is not handled');
  expect(() => detectArchitecture(tensors('conv1.weight', 'bn1.weight', 'bn1.bias', 'layer1.0.bn1.weight'))).toThrow(
    'a residual network with group norm',
  );
});
