import { streamModel } from '../../src/onnx/encode.ts';
import type { Model, ValueInfo } from '../../src/onnx/schema.ts';
import { mulberry32 } from '../../src/tensor/random.ts';
import { float32, type Tensor } from '../../src/tensor/tensor.ts';
import { floats, type ModelRunner, type RunningModel } from '../runner.ts';
import { drawPositions, fillPatch } from './patch.ts';
import type { WeightedLayer } from './weighted.ts';

/**
 * Covariance of a layer's input patches, in diagonal blocks of whole input channels. A patch has the order of a row of weights:
 * channel, kernel row, kernel column.
 */
export type Covariance = {
  /** Patch elements in one block; the last block of a group may be padded with zeros. */
  readonly size: number;
  readonly blocksPerGroup: number;
  /** Groups x blocks, each [size, size], row by row. */
  readonly blocks: Float64Array;
  readonly samples: number;
};

export type CovarianceCollector = {
  /** Takes some of the float graph's values of one batch; layers whose input is not among them are passed over. */
  readonly add: (values: Readonly<Record<string, Tensor>>) => Promise<void>;
  /** By layer. Call once. */
  readonly finish: () => Promise<ReadonlyMap<string, Covariance>>;
  readonly close: () => Promise<void>;
};

/** Patch elements in a block, at most: the cost of a block grows with the cube. */
const MAX_BLOCK = 288;
/** Patches taken of every layer, spread over the pictures. */
const PATCHES = 4096;
/** Patches multiplied at once. */
const ROWS = 256;
const SEED = 3;

/**
 * Collects covariances over pictures. The products run as a small ONNX graph. `inputOf` gives a layer's input values from a batch,
 * float32 [N, C, H, W] or [N, C], or nothing.
 */
export function covarianceCollector(
  layers: readonly WeightedLayer[],
  pictures: number,
  inputOf: (layer: WeightedLayer, values: Readonly<Record<string, Tensor>>) => Tensor<'float32'> | undefined,
  run: ModelRunner,
): CovarianceCollector {
  let opened: RunningModel | undefined;
  // Without a layer to observe nothing is opened.
  const gram = async (): Promise<RunningModel> => {
    opened ??= await run(streamModel(GRAM), { optimize: true });
    return opened;
  };
  const states = layers.map((layer, index) => newState(layer, mulberry32(SEED + index)));
  const perPicture = Math.ceil(PATCHES / pictures);
  return {
    add: async (values) => {
      for (const state of states) {
        const input = inputOf(state.layer, values);
        if (input === undefined) continue;
        for (const patch of drawPositions(state.layer, input, perPicture, state.random)) {
          fillPatch(state.layer, input, patch, state.patches, state.rows * state.width);
          state.rows++;
          if (state.rows === ROWS) await flush(state, await gram());
        }
      }
    },
    finish: async () => {
      for (const state of states) if (state.rows > 0) await flush(state, await gram());
      return new Map(states.map((state) => [state.layer.name, covarianceOf(state)]));
    },
    close: async () => opened?.close(),
  };
}

/** Products of patches [n, r, s] with themselves, block by block: [n, s, s]. */
const GRAM: Model = {
  irVersion: 8,
  opsets: [{ domain: '', version: 17 }],
  producerName: '',
  producerVersion: '',
  metadata: new Map(),
  graph: {
    name: 'gram',
    nodes: [
      {
        name: 'turn',
        op: 'Transpose',
        domain: '',
        inputs: ['x'],
        outputs: ['t'],
        attributes: new Map([['perm', { kind: 'ints', value: [0, 2, 1] }]]),
      },
      { name: 'multiply', op: 'MatMul', domain: '', inputs: ['t', 'x'], outputs: ['y'], attributes: new Map() },
    ],
    initializers: [],
    inputs: [info('x', ['n', 'r', 's'])],
    outputs: [info('y', ['n', 's', 's'])],
    values: [],
  },
};

function info(name: string, dims: readonly string[]): ValueInfo {
  return { name, dtype: 'float32', dims };
}

type State = {
  readonly layer: WeightedLayer;
  readonly random: () => number;
  readonly size: number;
  readonly blocksPerGroup: number;
  /** Elements of one patch over all groups and blocks, padding included. */
  readonly width: number;
  readonly patches: Float32Array;
  readonly products: Float64Array;
  readonly sums: Float64Array;
  rows: number;
  samples: number;
};

function newState(layer: WeightedLayer, random: () => number): State {
  const area = layer.kernel[0] * layer.kernel[1];
  const blocksPerGroup = Math.ceil((layer.channels * area) / MAX_BLOCK);
  const size = Math.ceil(layer.channels / blocksPerGroup) * area;
  const blocks = layer.groups * blocksPerGroup;
  return {
    layer,
    random,
    size,
    blocksPerGroup,
    width: blocks * size,
    patches: new Float32Array(ROWS * blocks * size),
    products: new Float64Array(blocks * size * size),
    sums: new Float64Array(blocks * size),
    rows: 0,
    samples: 0,
  };
}

async function flush(state: State, gram: RunningModel): Promise<void> {
  const { size, width, rows, patches, products, sums } = state;
  const blocks = width / size;
  const x = new Float32Array(blocks * rows * size);
  for (let b = 0; b < blocks; b++) {
    for (let r = 0; r < rows; r++) {
      const row = patches.subarray(r * width + b * size, r * width + (b + 1) * size);
      x.set(row, (b * rows + r) * size);
      for (let i = 0; i < size; i++) sums[b * size + i]! += row[i]!;
    }
  }
  const y = floats(await gram.run({ x: float32([blocks, rows, size], x) }), 'y');
  for (let i = 0; i < products.length; i++) products[i]! += y[i]!;
  patches.fill(0);
  state.samples += rows;
  state.rows = 0;
}

/** E[x x'] - E[x] E[x]': the mean's part is the bias's to mend. */
function covarianceOf({ size, blocksPerGroup, products, sums, samples }: State): Covariance {
  const blocks = sums.length / size;
  for (let b = 0; b < blocks; b++) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const at = (b * size + i) * size + j;
        products[at] = products[at]! / samples - (sums[b * size + i]! / samples) * (sums[b * size + j]! / samples);
      }
    }
  }
  return { size, blocksPerGroup, blocks: products, samples };
}
