import { describe, expect, test } from 'vitest';
import { PICTURES, refuse, resedge, WEIGHTS } from './resedge.ts';

const convert = ['convert', WEIGHTS, '-o', 'model.onnx', '--precision', 'fp32'];

describe('wrong usage', () => {
  test.each<readonly [string, readonly string[], RegExp]>([
    ['an unknown command', ['transmogrify'], /unknown command 'transmogrify'/],
    ['an unknown option', [...convert, '--jsno'], /unknown option '--jsno' \(Did you mean --json\?\)/],
    [
      'an unknown option in place of a required one',
      ['classify', '--mdoel', 'm', 'x'],
      /'--mdoel' \(Did you mean --model\?\)/,
    ],
    ['an unknown command of devices', ['devices', 'find'], /expected list, show <profile> or detect, received find/],
    [
      "ONNX Runtime's format by name alone",
      [...convert, '-o', 'm.ort'],
      /m\.ort: expected --target ort .*or -o <model\.onnx>/,
    ],
    ['no weights', ['convert', '-o', 'model.onnx'], /missing required argument 'weights'/],
    ['no output', ['convert', WEIGHTS], /required option '-o, --output <model\.onnx>'/],
    ['no model', ['classify', PICTURES], /required option '--model <model\.onnx>'/],
    ['no picture', ['classify', '--model', 'model.onnx'], /missing required argument 'pictures'/],
    ['an unknown architecture', [...convert, '--arch', 'vgg16'], /unknown architecture vgg16: expected auto or one of/],
    ['an unknown device', [...convert, '--device', 'abacus'], /expected a device profile among .*received abacus/],
    ['an unknown device to show', ['devices', 'show', 'abacus'], /received abacus/],
    ['an unknown scheme', [...convert, '--scheme', 'u4s4'], /--scheme.*'u4s4' is invalid/],
    ['a layout of raw pixels', [...convert, '--layout', 'nchw'], /--layout belongs to --input float/],
    ['a resize below the input', [...convert, '--resize', '31'], /--resize of at least the input size 32, received 31/],
    ['an input of nothing', [...convert, '--input-size', '0'], /--input-size.*whole number from 1 to/],
    ['a mean of two numbers', [...convert, '--mean', '0.5,0.5'], /--mean.*Expected three numbers/],
    ['a deviation of zero', [...convert, '--std', '1,0,1'], /--std.*Expected three numbers above zero/],
    ['a scale of zero', [...convert, '--scale', '0'], /--scale.*Expected a number above 0/],
    ['no class', ['classify', PICTURES, '--model', 'x', '--top', '0'], /--top.*whole number from 1/],
    ['a threshold above one', ['classify', PICTURES, '--model', 'x', '--threshold', '50'], /number from 0 to 1/],
  ])('%s', async (_, args, says) => {
    await refuse(args, { code: 2, says });
  });
});

describe('help', () => {
  test('is printed on request', async () => {
    const [all, one] = await Promise.all([resedge(['--help']), resedge(['convert', '--help'])]);
    expect(all).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['convert', 'classify', 'evaluate', 'bench', 'inspect', 'devices']) {
      expect(all.stdout).toContain(command);
    }
    expect(one).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('--calibrate <source>') });
  });

  test('without a command goes to stderr, as wrong usage', async () => {
    expect(await resedge([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Usage: resedge') });
  });
});

describe('--debug', () => {
  test.each([[['--debug', 'inspect', 'gone']], [['inspect', 'gone', '--debug']]])(
    '%j shows the stack',
    async (args) => {
      const { code, stderr } = await resedge(args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^resedge: gone: expected .*\n/);
      expect(stderr).toMatch(/\n {4}at /);
    },
  );
});
