import { expect, test } from 'vitest';
import { chooseWeights } from '../../../../src/node/hub/choose-weights.ts';
import { hubSource } from '../../../../src/node/hub/source.ts';
import { listTorchvision, torchvisionPreset } from '../../../../src/node/hub/torchvision.ts';

test.each([
  ['torchvision/resnet50', { kind: 'torchvision', network: 'resnet50' }],
  ['torchvision/resnet50@V1', { kind: 'torchvision', network: 'resnet50', version: 'v1' }],
  ['hf:microsoft/resnet-50', { kind: 'huggingface', owner: 'microsoft', name: 'resnet-50', revision: 'main' }],
  [
    'hf:timm/resnet50.a1_in1k@v1.0/sub/model.safetensors',
    { owner: 'timm', name: 'resnet50.a1_in1k', revision: 'v1.0', file: 'sub/model.safetensors' },
  ],
  ['https://huggingface.co/microsoft/resnet-18', { kind: 'huggingface', name: 'resnet-18', revision: 'main' }],
  [
    'https://huggingface.co/a/b/blob/main/x/model.onnx?download=true',
    { kind: 'huggingface', name: 'b', revision: 'main', file: 'x/model.onnx' },
  ],
  ['https://example.org/a/w.pth', { kind: 'url' }],
  [`https://example.org/w.pth#sha256=${'AB'.repeat(32)}`, { kind: 'url', sha256: 'ab'.repeat(32) }],
])('%s', (text, source) => {
  expect(hubSource(text)).toMatchObject(source);
});

test.each(['resnet50', 'weights/resnet50.pth', './torchvision/resnet50', 'C:\\weights\\a.pth'])(
  '%s is a path',
  (text) => {
    expect(hubSource(text)).toBeUndefined();
  },
);

test.each([
  'hf:resnet-50',
  'hf:../etc/passwd',
  'hf:a/b/../../c',
  'hf:a/b@../../x',
  'http://example.org/w.pth',
  'https://example.org/w.pth#md5=1',
])('%s is refused', (text) => {
  expect(() => hubSource(text)).toThrow(expect.objectContaining({ code: 'usage' }));
});

test('an address is shown without user, password and query', () => {
  expect(() => hubSource('http://user:secret@example.org/w.pth?token=secret')).toThrow(
    'expected an https address to pull from, received http://example.org/w.pth',
  );
});

test("torchvision's newest weights are the default, and each file's name begins its hash", () => {
  const listed = (network: string, version?: string) =>
    listTorchvision({ kind: 'torchvision', network, ...(version ? { version } : {}) }, {}).files[0];
  expect(listed('resnet50').url.href).toBe('https://download.pytorch.org/models/resnet50-11ad3fa6.pth');
  expect(listed('resnet50', 'v1').name).toBe('resnet50-0676ba61.pth');
  expect(listed('resnet18')).toMatchObject({ check: { kind: 'sha256', hex: expect.stringMatching(/^f37072fd/) } });
  expect(() => listed('resnet51')).toThrow('torchvision has no resnet51: expected one of resnet18, ');
  expect(() => listed('resnet18', 'v2')).toThrow('torchvision has no v2 of resnet18: expected one of v1');
});

test("a mirror takes the place of torchvision's address", () => {
  const { files } = listTorchvision(
    { kind: 'torchvision', network: 'resnet18' },
    { torchvision: new URL('http://mirror.lan/torch/') },
  );
  expect(files[0].url.href).toBe('http://mirror.lan/torch/resnet18-f37072fd.pth');
});

test('the second weights are for pictures resized to 232', () => {
  expect(torchvisionPreset(`cd907fc2${'0'.repeat(56)}`)?.preprocessing).toMatchObject({ inputSize: 224, resize: 232 });
  expect(torchvisionPreset(`63fe2227${'0'.repeat(56)}`)?.preprocessing).toMatchObject({ inputSize: 224, resize: 256 });
  expect(torchvisionPreset('0'.repeat(64))).toBeUndefined();
});

test('safetensors are chosen before pickles, and one file only', () => {
  expect(chooseWeights('x', ['config.json', 'pytorch_model.bin', 'model.safetensors'])).toBe('model.safetensors');
  expect(chooseWeights('x', ['config.json', 'pytorch_model.bin', 'tf_model.h5'])).toBe('pytorch_model.bin');
  expect(() => chooseWeights('x', ['a.safetensors', 'b.safetensors'])).toThrow(
    'a.safetensors, b.safetensors: name one',
  );
  expect(() => chooseWeights('x', ['model-00001-of-00002.safetensors'])).toThrow('save the model in one');
  expect(() => chooseWeights('x', ['README.md'])).toThrow('expected weights');
});
