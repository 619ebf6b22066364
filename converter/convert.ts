import { ResedgeError } from '../src/errors.ts';
import { encodeMetadata, type ModelMetadata } from '../src/onnx/metadata.ts';
import type { Preprocessing } from '../src/tensor/preprocessing.ts';
import { elementCount, type Tensor } from '../src/tensor/tensor.ts';
import { batches } from './batch.ts';
import { encodeGraph } from './exchange/encode-graph.ts';
import type { Graph } from './graph/graph.ts';
import { viewOf } from './graph/view.ts';
import { applyPasses, FOLD, inputPasses } from './passes/index.ts';
import { pixelStatistics } from './pixel-statistics.ts';
import { modelInput, normalised, probePicture } from './probe.ts';
import { applyPlan, quantizedName } from './quantize/apply.ts';
import { comparison, type LayerFidelity, realsOf } from './quantize/compare.ts';
import { planQuantization, type Recipe } from './quantize/index.ts';
import { observer } from './quantize/observe.ts';
import type { QuantizationPlan } from './quantize/plan.ts';
import { selectValues } from './quantize/select.ts';
import type { Statistics } from './quantize/statistics.ts';
import { type Architecture, describe } from './resnet/architecture.ts';
import { buildGraph } from './resnet/build.ts';
import { checkShapes, checkValues } from './resnet/check.ts';
import { detectArchitecture } from './resnet/detect.ts';
import { requireFamily } from './resnet/families.ts';
import type { ModelRunner, RunningModel } from './runner.ts';
import { readWeights } from './weights/index.ts';
import type { Weights } from './weights/types.ts';

/** A weights file that has been understood. */
export type Network = {
  readonly weights: Weights;
  readonly architecture: Architecture;
  /** Weights and biases, without batch norm's running statistics. */
  readonly parameters: number;
  readonly warnings: readonly string[];
};

/**
 * Reads weights from a file's bytes and finds the network they belong to; `arch` is `auto` or a family's name. Throws `input`
 * naming the tensor at fault.
 */
export function readNetwork(bytes: Uint8Array, arch: string): Network {
  const weights = readWeights(bytes);
  const architecture = detectArchitecture(weights.tensors);
  if (arch !== 'auto') requireFamily(architecture, arch);
  checkShapes(architecture, weights.tensors);
  const warnings = checkValues(architecture, weights.tensors);
  let parameters = 0;
  for (const [name, { dims }] of weights.tensors) {
    if (/\.(weight|bias)$/.test(name)) parameters += elementCount(dims);
  }
  return { weights, architecture, parameters, warnings };
}

/** Where the statistics for INT8 come from. */
export type Calibration =
  | { readonly kind: 'pictures'; readonly inputs: AsyncIterable<Tensor>; readonly count: number }
  | { readonly kind: 'table'; readonly statistics: Statistics };

export type ConvertOptions = {
  readonly preprocessing: Preprocessing;
  readonly labels: readonly string[];
  readonly labelIds?: readonly string[];
  readonly source: ModelMetadata['source'];
  readonly licence?: string;
  readonly tool: { readonly name: string; readonly version: string };
  /** Absent: FP32. */
  readonly int8?: { readonly recipe: Recipe; readonly calibration: Calibration };
  readonly onProgress?: (stage: Stage, done: number, total: number) => void;
};

export type Stage = 'prove' | 'calibrate' | 'quantize' | 'compare';

export type Conversion = {
  /** The ONNX file, as consecutive chunks; iterate once. */
  readonly model: Iterable<Uint8Array>;
  readonly metadata: ModelMetadata;
  /** One line of what was found. */
  readonly description: string;
  readonly foldedLayers: number;
  /** Largest difference of a logit between the folded FP32 graph and the network as trained, on one input. */
  readonly maxAbsError: number;
  readonly layers: readonly LayerFidelity[];
  /** INT8 only. */
  readonly plan?: QuantizationPlan;
  readonly statistics?: Statistics;
};

/** Pictures that layers are compared on, at most. */
const COMPARED = 8;
const PROBE_SEED = 1;

/**
 * From weights to an ONNX file: build, fold, prove, and for INT8 calibrate, plan, apply and compare. `run` executes models
 * along the way. Throws `input` where the folded graph or the calibration shows that the weights cannot be used.
 */
export async function convert(network: Network, options: ConvertOptions, run: ModelRunner): Promise<Conversion> {
  const { architecture, weights } = network;
  const { preprocessing, tool, int8 } = options;
  const trained = buildGraph(architecture, weights.tensors, preprocessing.inputSize);
  const folded = applyPasses(trained, FOLD);
  const float = applyPasses(folded, inputPasses(preprocessing, false));
  const metadata = describeModel(network, options);
  const report = { metadata, description: describe(architecture), foldedLayers: count(trained) - count(folded) };

  options.onProgress?.('prove', 0, 1);
  const expected = await logitsAsTrained(trained, options, run);
  const observed = selectValues(viewOf(float)).map((selected) => selected.value);
  const inside = int8 ? [...observed, ...(float.constants.has('pixels.mean') ? ['pixels.centred'] : [])] : [];
  const reference = await run(encodeGraph(float, { producer: tool, observe: inside }), { optimize: true });
  try {
    const probe = modelInput(probePicture(preprocessing.inputSize, PROBE_SEED), preprocessing);
    const [logits = ''] = float.outputs;
    const maxAbsError = largestDifference(expected, floats(await reference.run({ input: probe }, [logits]), logits));
    options.onProgress?.('prove', 1, 1);
    if (!int8) {
      const model = encodeGraph(float, { producer: tool, metadata: encodeMetadata(metadata) });
      return { ...report, model, maxAbsError, layers: [] };
    }
    const { statistics, samples } = await calibrate(reference, inside, int8.calibration, options);
    const pixels = applyPasses(folded, inputPasses(preprocessing, true));
    const known = new Map([...statistics, ...pixelStatistics(preprocessing, statistics)]);
    options.onProgress?.('quantize', 0, 1);
    const plan = planQuantization(pixels, known, int8.recipe);
    const quantized = applyPlan(pixels, plan);
    options.onProgress?.('quantize', 1, 1);
    const layers = await compareLayers(reference, quantized, plan, samples, options, run);
    const model = encodeGraph(quantized, { producer: tool, metadata: encodeMetadata(metadata) });
    return { ...report, model, maxAbsError, layers, plan, statistics };
  } finally {
    await reference.close();
  }
}

function count(graph: Graph): number {
  return graph.nodes.filter((node) => node.op.kind === 'BatchNormalization').length;
}

function describeModel({ architecture, weights }: Network, options: ConvertOptions): ModelMetadata {
  const { classes } = architecture.head;
  const { labels, labelIds, source, licence, int8, preprocessing, tool } = options;
  if (labels.length !== classes) {
    throw new ResedgeError(
      'input',
      `expected ${classes} labels, one for each class of ${source.file}, received ${labels.length}`,
    );
  }
  return {
    labels,
    ...(labelIds ? { labelIds } : {}),
    preprocessing,
    output: 'logits',
    arch: architecture.name,
    precision: int8 ? 'int8' : 'fp32',
    scheme: int8?.recipe.scheme.name ?? null,
    source: { ...source, format: weights.format },
    tool: `${tool.name} ${tool.version}`,
    ...(licence === undefined ? {} : { licence }),
  };
}

/** Logits of the network as trained, node by node, on the normalised probe. */
async function logitsAsTrained(trained: Graph, options: ConvertOptions, run: ModelRunner): Promise<Float32Array> {
  const [logits = ''] = trained.outputs;
  const session = await run(encodeGraph(trained, { producer: options.tool }), { optimize: false });
  try {
    const picture = probePicture(options.preprocessing.inputSize, PROBE_SEED);
    return floats(await session.run({ input: normalised(picture, options.preprocessing) }, [logits]), logits);
  } finally {
    await session.close();
  }
}

type Calibrated = { readonly statistics: Statistics; readonly samples: readonly Tensor[] };

/** Statistics, and some inputs to compare layers on: the first pictures, or generated ones where there are none. */
async function calibrate(
  reference: RunningModel,
  names: readonly string[],
  calibration: Calibration,
  { preprocessing, onProgress }: ConvertOptions,
): Promise<Calibrated> {
  if (calibration.kind === 'table') {
    const generated = Array.from({ length: 4 }, (_, i) => probePicture(preprocessing.inputSize, PROBE_SEED + 1 + i));
    const samples = generated.map((picture) => modelInput(picture, preprocessing));
    return { statistics: calibration.statistics, samples };
  }
  const samples: Tensor[] = [];
  const seen = observer(names);
  let done = 0;
  for await (const batch of batches(calibration.inputs, preprocessing.inputSize)) {
    if (samples.length < COMPARED) samples.push(batch);
    seen.add(await reference.run({ input: batch }, names));
    done += batch.dims[0] ?? 1;
    onProgress?.('calibrate', done, calibration.count);
  }
  if (done === 0) throw new ResedgeError('input', 'expected at least one readable calibration picture, received none');
  return { statistics: seen.statistics(), samples };
}

/** SQNR of every quantized value against the FP32 graph. */
async function compareLayers(
  reference: RunningModel,
  quantized: Graph,
  plan: QuantizationPlan,
  samples: readonly Tensor[],
  { tool, onProgress }: ConvertOptions,
  run: ModelRunner,
): Promise<readonly LayerFidelity[]> {
  const values = [...plan.activations.keys()];
  const [logits = ''] = quantized.outputs;
  const stored = values.map(quantizedName);
  const session = await run(encodeGraph(quantized, { producer: tool, observe: stored }), { optimize: true });
  const result = comparison();
  try {
    for (const [index, input] of samples.entries()) {
      const exact = await reference.run({ input }, [...values, logits]);
      const rounded = await session.run({ input }, [...stored, logits]);
      for (const [value, activation] of plan.activations) {
        const integers = rounded[quantizedName(value)];
        if (integers) result.add(value, floats(exact, value), realsOf(integers, activation));
      }
      result.add(logits, floats(exact, logits), floats(rounded, logits));
      onProgress?.('compare', index + 1, samples.length);
    }
  } finally {
    await session.close();
  }
  return result.fidelity();
}

function floats(outputs: Readonly<Record<string, Tensor>>, name: string): Float32Array {
  const tensor = outputs[name];
  if (tensor?.dtype !== 'float32') throw new ResedgeError('internal', `expected a float32 output ${name}`);
  return tensor.data;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
