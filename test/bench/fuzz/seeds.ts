import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readWeights } from '../../../converter/weights/index.ts';
import { torchFile } from './torch.ts';

export const FORMATS = ['safetensors', 'torch', 'onnx', 'keras', 'h5', 'tfjs', 'tflite'] as const;
export type Format = (typeof FORMATS)[number];

/** A model's files by name; `model` is the one to open, the others lie beside it. */
export type Source = { readonly model: string; readonly files: Readonly<Record<string, Uint8Array>> };

const GOLDEN = join(import.meta.dirname, '../../golden');
const utf8 = (value: unknown): Uint8Array => new Uint8Array(Buffer.from(JSON.stringify(value)));
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(join(GOLDEN, path)));
const named = (folder: string, wanted: RegExp): readonly string[] => {
  return readdirSync(join(GOLDEN, folder)).filter((name) => wanted.test(name));
};
const alone = (model: string, bytes: Uint8Array): Source => ({ model, files: { [model]: bytes } });

/** What Hugging Face's repositories say of their weights; `classes` are those of the golden ones. */
const transformers = (name: string, classes: number) => ({
  'config.json': utf8({
    architectures: ['ResNetForImageClassification'],
    model_type: 'resnet',
    downsample_in_first_stage: name.includes('basic'),
    downsample_in_bottleneck: name.includes('first'),
    id2label: Object.fromEntries(Array.from({ length: classes }, (_, i) => [i, `class ${i}`])),
  }),
  'preprocessor_config.json': utf8({
    ...{ crop_pct: 0.875, do_normalize: true, do_resize: true, resample: 3, size: { shortest_edge: 64 } },
    ...{ image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] },
  }),
});
const timm = (classes: number) => ({
  'config.json': utf8({
    architecture: 'seresnet10',
    num_classes: classes,
    pretrained_cfg: {
      ...{ input_size: [3, 64, 64], crop_pct: 0.95, interpolation: 'bicubic', num_classes: classes },
      ...{ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], classifier: 'fc', first_conv: 'conv1' },
    },
  }),
});

function weights(): readonly Source[] {
  const golden = named('variants', /\.safetensors$/).map((name) => {
    const bytes = bytesOf(`variants/${name}`);
    const classes = readWeights(bytes).tensors.get('fc.weight')?.dims[0] ?? 0;
    const beside = name.startsWith('transformers')
      ? transformers(name, classes)
      : name.startsWith('se')
        ? timm(classes)
        : {};
    return { model: name, files: { [name]: bytes, ...beside } };
  });
  return [...golden, alone('resnet18.fp16.safetensors', bytesOf('weights/resnet18.fp16.safetensors'))];
}

function torch(): readonly Source[] {
  const whole = ['resnet10t', 'resnetaa14', 'resnetblur10'].map((name) => {
    const { tensors } = readWeights(bytesOf(`variants/${name}.safetensors`));
    return alone(`${name}.pth`, torchFile(tensors));
  });
  return [...whole, ...whole, ...named('weights', /\.pth$/).map((name) => alone(name, bytesOf(`weights/${name}`)))];
}

function onnx(): readonly Source[] {
  const external = { 'external.bin': bytesOf('onnx/sources/external.bin') };
  return named('onnx/sources', /\.onnx$/).map((name) => {
    const beside = name === 'external.onnx' ? external : {};
    return { model: name, files: { [name]: bytesOf(`onnx/sources/${name}`), ...beside } };
  });
}

function keras(wanted: RegExp): readonly Source[] {
  return named('keras', wanted).map((name) =>
    alone(name.replace('.gz', ''), new Uint8Array(gunzipSync(bytesOf(`keras/${name}`)))),
  );
}

function tfjs(): readonly Source[] {
  return named('tfjs', /\.json\.gz$/).map((name) => {
    const { 'model.json': json, ...shards } = JSON.parse(gunzipSync(bytesOf(`tfjs/${name}`)).toString());
    const beside = Object.entries(shards).map(([shard, text]) => [
      shard,
      new Uint8Array(Buffer.from(String(text), 'base64')),
    ]);
    return { model: 'model.json', files: { 'model.json': utf8(json), ...Object.fromEntries(beside) } };
  });
}

/** Whole small models of a format: what the readers' own tests read. */
export const SOURCES: Readonly<Record<Format, () => readonly Source[]>> = {
  safetensors: weights,
  torch,
  onnx,
  keras: () => keras(/\.keras\.gz$/),
  h5: () => keras(/^(plain|resnet|resnetv2|variety).*\.h5\.gz$/),
  tfjs,
  tflite: () => named('tflite', /\.tflite$/).map((name) => alone(name, bytesOf(`tflite/${name}`))),
};
