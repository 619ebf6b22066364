import type { Command } from 'commander';
import { byteSize, fields, print } from './print.ts';

type Flags = { readonly json?: boolean };

export function addInspect(program: Command): Command {
  return program
    .command('inspect <file>')
    .description('what a weights file or a model is')
    .option('--json', 'print JSON and nothing else')
    .action(runInspect);
}

async function runInspect(path: string, flags: Flags): Promise<void> {
  const [{ readBytes }, { looksLikeOnnx }] = await Promise.all([
    import('../node/files.ts'),
    import('../onnx/recognise.ts'),
  ]);
  const bytes = readBytes(path, 'a weights file or an ONNX model');
  const { inspectModel, inspectWeights } = await import('../node/model/inspect.ts');
  const found = looksLikeOnnx(bytes) ? inspectModel(path, bytes) : inspectWeights(path, bytes);
  if (flags.json) {
    print(JSON.stringify(found));
    return;
  }
  if (found.kind === 'weights') {
    const { describe } = await import('../../converter/resnet/architecture.ts');
    print(
      fields([
        ['file', `${path}, ${found.format}, ${byteSize(found.bytes)}`],
        ['network', describe(found.architecture)],
        ['parameters', found.parameters.toLocaleString('en')],
        ['tensors', `${found.tensors.length}, ${found.dtypes.join(', ')}`],
        ...(found.unwrapped.length > 0 ? ([['unwrapped', found.unwrapped.join(', ')]] as const) : []),
        ...found.warnings.map((warning) => ['warning', warning] as const),
      ]),
    );
    return;
  }
  const { metadata } = found;
  const shape = (value: { readonly dtype: string; readonly dims: readonly (number | string)[] }): string =>
    `${value.dtype} [${value.dims.join(', ')}]`;
  print(
    fields([
      ['file', `${path}, ONNX opset ${found.opset}, ${byteSize(found.bytes)}`],
      ...found.inputs.map((value) => ['input', `${value.name}: ${shape(value)}`] as const),
      ...found.outputs.map((value) => ['output', `${value.name}: ${shape(value)}`] as const),
      ['nodes', found.nodes.map(({ op, count }) => `${count} ${op}`).join(', ')],
      ['parameters', found.parameters.toLocaleString('en')],
      ...(metadata === null ? ([['resedge', found.foreign ?? 'no metadata']] as const) : describeMetadata(metadata)),
    ]),
  );
}

function describeMetadata(
  metadata: import('../onnx/metadata.ts').ModelMetadata,
): readonly (readonly [string, string])[] {
  const { arch, precision, scheme, labels, preprocessing: p, source, tool, licence, output } = metadata;
  const some = labels.slice(0, 4).join(', ') + (labels.length > 4 ? ', ...' : '');
  return [
    ['network', `${arch}, ${precision}${scheme === null ? '' : `, scheme ${scheme}`}, ${output}`],
    ['classes', `${labels.length}: ${some}`],
    [
      'picture',
      `shorter side ${p.resize}, centre ${p.inputSize}, ${p.interpolation}, ${p.input} ${p.layout} ${p.channels}`,
    ],
    ['values', `(pixel / ${p.scale} - [${p.mean.join(', ')}]) / [${p.std.join(', ')}]`],
    ['source', `${source.file} (${source.format}, SHA-256 ${source.sha256.slice(0, 12)}...)`],
    ['made by', `${tool}${licence === undefined ? '' : `, licence ${licence}`}`],
  ];
}
