import type { StoredTensor } from './types.ts';

/** Names of Hugging Face's transformers, and torchvision's for the same; blocks count convolutions from 0 and from 1. */
const RULES: readonly (readonly [RegExp, (...groups: readonly string[]) => string])[] = [
  [/^embedder\.embedder\.convolution\./, () => 'conv1.'],
  [/^embedder\.embedder\.normalization\./, () => 'bn1.'],
  [
    /^encoder\.stages\.(\d{1,2})\.layers\.(\d{1,3})\.layer\.(\d)\.(convolution|normalization)\./,
    (stage = '', block = '', layer = '', part = '') =>
      `layer${Number(stage) + 1}.${block}.${part === 'convolution' ? 'conv' : 'bn'}${Number(layer) + 1}.`,
  ],
  [
    /^encoder\.stages\.(\d{1,2})\.layers\.(\d{1,3})\.shortcut\.(convolution|normalization)\./,
    (stage = '', block = '', part = '') =>
      `layer${Number(stage) + 1}.${block}.downsample.${part === 'convolution' ? 0 : 1}.`,
  ],
  [/^classifier\.1\./, () => 'fc.'],
];

const STEM = 'embedder.embedder.convolution.weight';
const BODY = 'resnet.';

/** Tensors under torchvision's names where they bear those of transformers' ResNet; undefined where they do not. */
export function renameTransformers(
  named: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, StoredTensor> | undefined {
  if (!named.has(STEM) && !named.has(BODY + STEM)) return undefined;
  return new Map([...named].map(([name, tensor]) => [rename(name), tensor]));
}

function rename(name: string): string {
  const bare = name.startsWith(BODY) ? name.slice(BODY.length) : name;
  for (const [pattern, to] of RULES) {
    const found = pattern.exec(bare);
    if (found) return to(...found.slice(1)) + bare.slice(found[0].length);
  }
  return name;
}
