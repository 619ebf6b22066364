import type { Conversion } from '../../converter/conversion.ts';
import { HALF_RIGHT_FOR } from '../../converter/convert-half.ts';
import type { Verdict } from '../../converter/judge.ts';
import { CORRECTION_NAMES } from '../../converter/quantize/recipe.ts';
import { SCHEMES } from '../../converter/quantize/scheme.ts';
import { TARGET_SUMMARIES, type TargetName } from '../../converter/targets/names.ts';
import type { ConvertedFile } from '../node/model/converted-file.ts';
import type { SchemeName } from '../tensor/quantization.ts';
import { budgetJson, budgetRows } from './budget.ts';
import { kernelsJson, kernelsLine } from './kernels.ts';
import { byteSize, counted, fields, percent, print } from './print.ts';
import { learntJson, learntRows } from './quantize-aware.ts';

/** Formats of models whose batch norms may be folded already: what they hold is not what was trained. */
const FOLDED: readonly string[] = ['onnx', 'tflite'];

/** Layers named as the least faithful. */
const WEAKEST = 3;

/** The answer of `convert --json`. */
export function convertedJson(converted: ConvertedFile): Record<string, unknown> {
  const { network, conversion, bytes, ms } = converted;
  const { metadata, maxAbsError, foldedLayers, int8, fp16, stored } = conversion;
  return {
    arch: metadata.arch,
    parameters: network.parameters,
    scheme: metadata.scheme,
    precision: metadata.precision,
    bytes,
    ...(converted.target ? { target: converted.target.target, commands: converted.target.commands } : {}),
    maxAbsError,
    foldedLayers,
    ...(fp16 ? { judgement: fp16.judgement, keptFloat32: fp16.single } : {}),
    ...(stored ? { judgement: stored.judgement } : {}),
    ...(int8
      ? { judgement: { ...int8.judgement, ...kernelsJson(int8) }, corrections: int8.corrections, steps: int8.steps }
      : {}),
    ...budgetJson(converted),
    ...learntJson(converted),
    ...(int8 ? { floatNodes: int8.floatNodes } : {}),
    layers: int8?.layers ?? [],
    ms: Math.round(ms),
  };
}

/** What `convert` says to people. */
export function printConverted(converted: ConvertedFile, output: string): void {
  const { network, conversion, bytes, sourceBytes, ms, target } = converted;
  const { metadata, int8, fp16, stored } = conversion;
  const rows: [string, string][] = [
    ['network', network.description],
    [FOLDED.includes(network.format) ? 'weights' : 'parameters', network.parameters.toLocaleString('en')],
    ['folded', foldedLine(conversion)],
  ];
  if (target) rows.push(['target', TARGET_SUMMARIES[target.target]]);
  if (int8) {
    const scheme = SCHEMES[metadata.scheme as SchemeName];
    const weakest = int8.layers
      .slice(0, -1)
      .sort((a, b) => a.sqnrDb - b.sqnrDb)
      .slice(0, WEAKEST);
    rows.push(['scheme', `${scheme.name}: right for ${scheme.rightFor}`]);
    rows.push(['corrections', correctionGains(int8)]);
    rows.push(...learntRows(converted));
    if (int8.floatNodes.length > 0) rows.push(['in float', floatLine(int8.floatNodes)]);
    rows.push(['fidelity', fidelityLine(int8.judgement, converted.judgedOn ?? 'pictures held back')]);
    if (int8.budget) rows.push(...budgetRows(int8.budget, scheme.name, converted.price));
    if (runsHere(target?.target)) rows.push(['kernels', kernelsLine(int8)]);
    rows.push(['weakest', weakest.map(({ name, sqnrDb }) => `${name} ${sqnrDb.toFixed(1)} dB`).join(', ')]);
  }
  if (stored) {
    const scheme = SCHEMES[metadata.scheme as SchemeName];
    rows.push(['scheme', `${scheme.name} as the source has it, its own scales: right for ${scheme.rightFor}`]);
    rows.push(['fidelity', fidelityLine(stored.judgement, 'pictures')]);
  }
  if (fp16) {
    rows.push(['precision', `float16: right for ${HALF_RIGHT_FOR}`]);
    rows.push(['fidelity', fidelityLine(fp16.judgement, 'pictures')]);
    for (const { name, reason } of fp16.single) rows.push(['float32', `${name}: ${reason}`]);
  }
  rows.push(['file', `${output}, ${byteSize(sourceBytes)} -> ${byteSize(bytes)}, ${(ms / 1000).toFixed(1)} s`]);
  print(fields(rows));
  if (target) print(`\n${target.commands.map((command) => `  ${command}`).join('\n')}`);
}

/** True for what ONNX Runtime's kernels of this machine tell something about. */
function runsHere(target: TargetName | undefined): boolean {
  return target === undefined || target === 'triton' || target === 'ort';
}

/** `19 batch norms, logits within 1.2e-6 of the network as trained`. */
export function foldedLine({ foldedLayers, maxAbsError }: Conversion): string {
  const norms = foldedLayers === 0 ? 'nothing' : counted(foldedLayers, 'batch norm');
  const logits = maxAbsError === 0 ? 'logits equal to those' : `logits within ${maxAbsError.toExponential(1)}`;
  return `${norms}, ${logits} of the network as trained`;
}

function fidelityLine({ sqnrDb, agreement, pictures, generated }: Verdict, given: string): string {
  const judged = `${pictures} ${generated ? 'generated pictures' : given}`;
  return `${sqnrDb.toFixed(1)} dB, ${percent(agreement)} agreement with FP32 on ${judged}`;
}

/** Nodes named in full by `--json` alone. */
const FLOAT_SHOWN = 4;

/** `2 nodes without an integer kernel: gate (Sigmoid), scale (Mul)`. */
function floatLine(nodes: NonNullable<Conversion['int8']>['floatNodes']): string {
  const shown = nodes.slice(0, FLOAT_SHOWN).map(({ name, op }) => `${name} (${op})`);
  const more = nodes.length > shown.length ? ` and ${nodes.length - shown.length} more` : '';
  return `${counted(nodes.length, 'node')} without an integer kernel: ${shown.join(', ')}${more}`;
}

/** `bias correction +0.5 dB, ...`: what each step changed on the pictures held back, or the names alone. */
function correctionGains({ corrections, steps }: NonNullable<Conversion['int8']>): string {
  if (steps.length === 0) return corrections.map((name) => CORRECTION_NAMES[name]).join(', ') || 'none';
  let before = steps[0]?.sqnrDb ?? 0;
  const gains: string[] = [];
  for (const { correction, kept, sqnrDb } of steps) {
    if (correction === undefined) continue;
    const gain = `${sqnrDb >= before ? '+' : ''}${(sqnrDb - before).toFixed(1)} dB`;
    gains.push(`${CORRECTION_NAMES[correction]} ${gain}${kept ? '' : ' (left out)'}`);
    if (kept) before = sqnrDb;
  }
  return gains.join(', ') || 'none';
}
