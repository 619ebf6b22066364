import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { LayerTable } from '../../converter/describe/layers.ts';
import { learnedRows } from './learned-rows.ts';
import { byteSize, columns, fields, note, print } from './print.ts';

type Flags = { readonly json?: boolean; readonly layers?: boolean };

export function addInspect(program: Command): Command {
  return program
    .command('inspect <file>')
    .description('what a weights file or a model is, and what its layers cost')
    .option('--layers', 'list every layer: shape, parameters, multiplications, memory, precision')
    .option('--json', 'print JSON and nothing else')
    .action(runInspect);
}

async function runInspect(named: string, flags: Flags): Promise<void> {
  const [{ readBytes }, { fileIn }, { inspectFile }] = await Promise.all([
    import('../node/files.ts'),
    import('../node/hub/resolve-source.ts'),
    import('../node/model/inspect.ts'),
  ]);
  const path = existsSync(named) ? fileIn(named) : named;
  const found = await inspectFile(path, readBytes(path, 'a weights file or a model'));
  if (flags.json) {
    print(JSON.stringify(found));
    return;
  }
  for (const { name, op, reason } of found.unknown) {
    note(`the shape behind ${name} (${op}) is not known, and neither what depends on it: ${reason}`);
  }
  if (found.kind === 'weights') {
    const { describe } = await import('../../converter/resnet/architecture.ts');
    print(
      fields([
        ['file', `${path}${andFiles(found.files)}, ${found.format}, ${byteSize(found.bytes)}`],
        ['network', describe(found.architecture)],
        ['parameters', found.parameters.toLocaleString('en')],
        ['tensors', `${found.tensors.length}, ${found.dtypes.join(', ')}`],
        ...(found.unwrapped.length > 0 ? ([['unwrapped', found.unwrapped.join(', ')]] as const) : []),
        ...totalsOf(found),
        ...found.warnings.map((warning) => ['warning', warning] as const),
      ]),
    );
    if (flags.layers) print(listed(found));
    return;
  }
  if (found.kind === 'network') {
    print(
      fields([
        ['file', `${path}${andFiles(found.files)}, ${found.format}, ${byteSize(found.bytes)}`],
        ['network', found.description],
        ['picture', `${found.inputSize} x ${found.inputSize}`],
        ['parameters', found.parameters.toLocaleString('en')],
        ...totalsOf(found),
        ...found.warnings.map((warning) => ['warning', warning] as const),
      ]),
    );
    if (flags.layers) print(listed(found));
    return;
  }
  const { metadata } = found;
  const shape = (value: { readonly dtype: string; readonly dims: readonly (number | string)[] }): string =>
    `${value.dtype} [${value.dims.join(', ')}]`;
  print(
    fields([
      ['file', `${path}${andFiles(found.files)}, ONNX opset ${found.opset}, ${byteSize(found.bytes)}`],
      ...found.inputs.map((value) => ['input', `${value.name}: ${shape(value)}`] as const),
      ...found.outputs.map((value) => ['output', `${value.name}: ${shape(value)}`] as const),
      ['nodes', found.nodes.map(({ op, count }) => `${count} ${op}`).join(', ')],
      ['weights', found.parameters.toLocaleString('en')],
      ...totalsOf(found),
      ...(metadata === null
        ? ([['resedge', found.foreign ?? 'no metadata']] as const)
        : [...describeMetadata(metadata), ...learnedRows(metadata, found.grows)]),
    ]),
  );
  if (flags.layers) print(listed(found));
}

/** ` with 4 files`, for a model whose weights lie beside it. */
function andFiles(files: readonly unknown[] = []): string {
  return files.length === 0 ? '' : ` with ${files.length === 1 ? 'a file' : `${files.length} files`} beside it`;
}

function totalsOf({ layers, totals }: LayerTable): readonly (readonly [string, string])[] {
  const { macs, peakActivationBytes, peakAt } = totals;
  const at = peakAt === null ? '' : ` at ${peakAt}`;
  return [
    ['layers', `${layers.length}, ${inUnits(macs)}MACs for one picture`],
    ['activations', `${byteSize(peakActivationBytes)} at most${at}, nothing in place`],
  ];
}

/** The table of layers, figures right-aligned. */
function listed({ layers }: LayerTable): string {
  const figure = (value: number | null, text: (value: number) => string): string =>
    value === null ? '?' : text(value);
  const rows = layers.map(({ name, op, output, parameters, macs, activationBytes, precision }) => [
    name,
    op,
    output === null ? '?' : output.join(' x '),
    parameters === 0 ? '-' : parameters.toLocaleString('en'),
    macs === 0 ? '-' : figure(macs, inUnits),
    activationBytes === 0 ? '-' : figure(activationBytes, byteSize),
    precision ?? '?',
  ]);
  const heads = ['layer', 'operator', 'output', 'weights', 'MACs', 'memory', 'precision'];
  return `\n${columns([heads, ...rows], '  ', [3, 4, 5])}`;
}

function inUnits(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} G`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(2)} M`;
  return count >= 1e3 ? `${(count / 1e3).toFixed(1)} k` : `${count} `;
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
