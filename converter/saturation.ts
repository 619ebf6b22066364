import { mulberry32 } from '../src/tensor/random.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import type { Graph } from './graph/graph.ts';
import { viewOf } from './graph/view.ts';
import { PAIR_LIMIT, pairLimits } from './quantize/pairs.ts';
import { drawPositions, fillPatch, type Position } from './quantize/patch.ts';
import type { LayerPlan, QuantizationPlan } from './quantize/plan.ts';
import { type StoredValue, storedAs } from './quantize/stored.ts';
import { type WeightedLayer, weightedLayers } from './quantize/weighted.ts';

/** Accumulators that a kernel which adds pairs of products in int16 (AVX2 without VNNI) would get wrong, of those looked at. */
export type Saturation = {
  /** Sums in which at least one pair leaves int16. */
  readonly saturated: number;
  /** Sums looked at: all rows of every layer at some output positions, drawn with a seed. */
  readonly accumulators: number;
  /** `saturated / accumulators`. */
  readonly share: number;
  /** True where no stored input at all could saturate a pair. */
  readonly impossible: boolean;
  /** Layers with such sums, the worst first. */
  readonly layers: readonly { readonly name: string; readonly share: number }[];
};

export type SaturationCounter = {
  /** Stored values that `add` wants to see, by their names in the quantized graph. */
  readonly inputs: readonly string[];
  /** Takes some stored values of one batch, uint8 [N, C, H, W] or [N, C]; layers whose input is not among them are passed over. */
  readonly add: (stored: Readonly<Record<string, Tensor>>) => void;
  readonly result: () => Saturation;
};

/** Elements and pairs looked at for one layer and batch, at most, unless one position a picture has more. */
const WORK = 2 ** 21;
/** Output positions of one layer and picture, at most. */
const POSITIONS = 64;
const SEED = 6;
/** The largest stored uint8. */
const TOP = 255;
const LEAST_SUM = -32768;

/**
 * Counts saturated accumulators by exact integer arithmetic on stored values. `graph` is the float graph that was planned. Schemes whose activations are not
 * uint8 run on exact kernels and have none.
 */
export function saturationCounter(graph: Graph, plan: QuantizationPlan): SaturationCounter {
  const view = viewOf(graph);
  const states = weightedLayers(graph).flatMap((layer, index) => {
    const [planned, stored] = [plan.layers.get(layer.name), storedAs(view, plan.activations, layer.input)];
    if (planned === undefined || stored?.dtype !== 'uint8') return [];
    return [newState(layer, planned, stored, mulberry32(SEED + index))];
  });
  return {
    inputs: [...new Set(states.map(({ stored }) => stored.name))],
    add: (values) => {
      for (const state of states) {
        const input = values[state.stored.name];
        if (input?.dtype === 'uint8') look(state, input);
      }
    },
    result: () => {
      const sum = (of: (state: State) => number): number => states.reduce((total, state) => total + of(state), 0);
      const [saturated, accumulators] = [sum((state) => state.saturated), sum((state) => state.accumulators)];
      const layers = states
        .filter((state) => state.saturated > 0)
        .map((state) => ({ name: state.layer.name, share: state.saturated / state.accumulators }))
        .toSorted((a, b) => b.share - a.share);
      const impossible = states.every(({ rows }) => rows.length === 0);
      return { saturated, accumulators, share: accumulators === 0 ? 0 : saturated / accumulators, impossible, layers };
    },
  };
}

/** The pairs of a row that may leave int16: element, its weight, the other element, its weight, and so on. */
type Row = { readonly group: number; readonly pairs: Int32Array };

type State = {
  readonly layer: WeightedLayer;
  readonly stored: StoredValue;
  readonly random: () => number;
  /** Rows with such pairs alone. */
  readonly rows: readonly Row[];
  saturated: number;
  accumulators: number;
};

function newState(layer: WeightedLayer, { data }: LayerPlan, stored: StoredValue, random: () => number): State {
  const [height, width] = layer.kernel;
  const size = layer.channels * height * width;
  const { partner } = pairLimits({ channels: layer.channels, height, width }, new Uint8Array(layer.channels).fill(TOP));
  const rows: Row[] = [];
  for (let r = 0; r < layer.rows; r++) {
    const pairs: number[] = [];
    for (let i = 0; i < size; i++) {
      const j = partner[i]!;
      if (j < i) continue;
      const a = data[r * size + i]!;
      const b = data[r * size + j]!;
      // Inputs are not negative: products of opposite signs never add up.
      if (a * b > 0 && TOP * Math.abs(a + b) > PAIR_LIMIT) pairs.push(i, a, j, b);
    }
    if (pairs.length > 0)
      rows.push({ group: Math.floor(r / (layer.rows / layer.groups)), pairs: Int32Array.from(pairs) });
  }
  return { layer, stored, random, rows, saturated: 0, accumulators: 0 };
}

function look(state: State, input: Tensor<'uint8'>): void {
  const { layer, stored, rows, random } = state;
  const [pictures = 1, channels = 1] = input.dims;
  const size = channels * layer.kernel[0] * layer.kernel[1];
  const pairs = rows.reduce((sum, row) => sum + row.pairs.length / 4, 0);
  const perPicture = Math.max(1, Math.min(POSITIONS, Math.floor(WORK / (pictures * (size + pairs)))));
  const patch = new Uint8Array(size);
  for (const position of drawPositions(layer, input, perPicture, random)) {
    state.accumulators += layer.rows;
    if (rows.length > 0) state.saturated += saturatedAt(layer, input, position, stored.zeroPoint, rows, patch);
  }
}

/** Rows whose accumulator at this position is wrong. */
function saturatedAt(
  layer: WeightedLayer,
  input: Tensor<'uint8'>,
  position: Position,
  zeroPoint: number,
  rows: readonly Row[],
  patch: Uint8Array,
): number {
  patch.fill(zeroPoint);
  fillPatch(layer, input, position, patch, 0);
  let wrong = 0;
  for (const { group, pairs } of rows) {
    const start = group * (patch.length / layer.groups);
    for (let i = 0; i < pairs.length; i += 4) {
      const sum = patch[start + pairs[i]!]! * pairs[i + 1]! + patch[start + pairs[i + 2]!]! * pairs[i + 3]!;
      if (sum <= PAIR_LIMIT && sum >= LEAST_SUM) continue;
      wrong++;
      break;
    }
  }
  return wrong;
}
