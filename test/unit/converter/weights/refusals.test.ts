import { describe, expect, test } from 'vitest';
import { readWeights } from '../../../../converter/weights/index.ts';
import { ascii, concat, golden, refusal } from './files.ts';

describe('pickles that name what a state dict never needs', () => {
  test.each(['system.pickle.pth', 'system.protocol0.pth', 'system.zip.pth', 'system.legacy.pth'])('%s', (file) => {
    expect(refusal(() => readWeights(golden(file)))).toMatch(
      /^input: refused to load posix\.system \(os\.system\): a state dict never needs it.*save model\.state_dict\(\) alone$/,
    );
  });

  test('a class of a training script', () => {
    expect(refusal(() => readWeights(golden('namespace.zip.pth')))).toContain('refused to load argparse.Namespace');
  });

  test.each([
    ['cos\nsystem\n', 'os.system'],
    ['\x80\x02cos\nsystem\n', 'os.system'],
    ['\x80\x02cnt\nsystem\n', 'nt.system (os.system)'],
    ['\x80\x02c__builtin__\neval\n', 'builtins.eval'],
    ['\x80\x04\x8c\x02os\x8c\x06system\x93', 'os.system'],
    ['\x80\x02ios\nsystem\n', 'os.system'],
    ['\x80\x02ctorch.storage\n_load_from_bytes\n', 'torch.storage._load_from_bytes'],
    ['\x80\x02ctorchvision.models.resnet\nResNet\n', 'torchvision.models.resnet.ResNet'],
    ['\x80\x02ctorch._utils\n__proto__\n', 'torch._utils.__proto__'],
    ['\x80\x02cos\r\x1b[2J\nsystem\n', 'os??[2J.system'],
  ])('%j', (pickle, name) => {
    expect(refusal(() => readWeights(ascii(pickle)))).toContain(`input: refused to load ${name}: a state dict`);
  });

  test.each([
    ['\x82\x01', '0x82'],
    ['\x80\x02)\x81', '0x81'],
    ['\x80\x02(o', '0x6f'],
  ])('step %j', (pickle, code) => {
    expect(refusal(() => readWeights(ascii(pickle.startsWith('\x80') ? pickle : `\x80\x02${pickle}`)))).toContain(
      `refused the pickle step ${code}`,
    );
  });
});

test.each([
  ['big-endian.zip.pth', 'unsupported: expected little-endian weights'],
  ['big-endian.legacy.pth', 'unsupported: expected little-endian weights'],
  ['deflated.zip.pth', 'unsupported: expected stored ZIP entries, as torch.save writes them, received tiny/data.pkl'],
  ['expanded.zip.pth', 'unsupported: expected every element of conv1.expanded to be stored'],
])('%s', (file, message) => {
  expect(refusal(() => readWeights(golden(file)))).toContain(message);
});

const PLAIN_PICKLE = '\x80\x02}q\x00.';
const TAR = `${'weights.pth'.padEnd(257, '\0')}ustar`.padEnd(512, '\0');

describe('files that are something else', () => {
  test.each([
    ['', 'an empty one'],
    ['<!DOCTYPE html>\n<html>', 'an HTML page: the download probably failed'],
    ['\n <HTML lang="en">', 'an HTML page: the download probably failed'],
    ['<?xml version="1.0"?><Error>', 'an XML document: the download probably failed'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00', 'git lfs pull'],
    ['{"epoch": 3}', 'JSON text'],
    ['{"metadata":{}, "weight_map":{}}', 'the JSON index of a checkpoint in several parts'],
    ['just notes', 'a text file'],
    ['gr\xc3\xbc\xc3\x9fe', 'a text file'],
    ['\x89HDF\r\n\x1a\n\0\0', 'an HDF5 file (Keras)'],
    ['GGUF\x03\0\0\0', 'a GGUF language model'],
    ['\x08\x07\x12\x07pytorch\x1a\x03', 'an ONNX model, which readOnnx takes'],
    ['\x1c\0\0\0TFL3', 'a TFLite model, which readTflite takes'],
    ['\x93NUMPY\x01\0', 'a single NumPy array'],
    ['\x1f\x8b\x08\0', 'a gzip archive'],
    ['\x89PNG\r\n\x1a\n', 'a PNG picture'],
    ['\0'.repeat(64), 'nothing but zeros'],
    [TAR, 'a tar archive'],
    ['\xde\xad\xbe\xef\x01', 'an unknown format: 5 bytes that begin with de ad be ef 01'],
    ['PK\x03\x04abc', 'expected a ZIP directory at the end of the file, received none: the file is cut short'],
    [PLAIN_PICKLE, 'received a plain pickle'],
  ])('%j', (text, message) => {
    const said = refusal(() => readWeights(ascii(text)));
    expect(said).toMatch(/^input: expected /);
    expect(said).toContain(message);
  });

  test('a text longer than the window, cut in the middle of a character', () => {
    const text = new Uint8Array(Buffer.from(`${'a'.repeat(4095)}\u00fc and on`));
    expect(refusal(() => readWeights(text))).toContain('a text file');
  });
});

test('a legacy file that ends early names the storage', () => {
  const bytes = golden('elements.legacy.pth');
  expect(refusal(() => readWeights(bytes.subarray(0, bytes.length - 3)))).toMatch(
    /^input: expected 96 bytes for storage \d+ at byte \d+, received 93: the file is cut short/,
  );
  expect(refusal(() => readWeights(concat(bytes, ascii('more'))))).toBe('accepted');
});
