import { ResedgeError } from '../../src/errors.ts';
import type { Json } from '../json.ts';
import { quote } from '../weights/bytes.ts';
import type { Layer, Model, Reference } from './types.ts';

/** Shapes of a layer's arrays, in Keras's order; undefined for a layer that the file does not have. */
export type ShapesOf = (layer: string) => readonly (readonly number[])[] | undefined;

/** How layers are called. */
type Names = {
  readonly stem: string;
  readonly stemNorm: string;
  readonly head: readonly string[];
  readonly block: (stage: number, index: number) => string;
  /** `part` 0 is the shortcut's. */
  readonly conv: (block: string, part: number) => string;
  readonly norm: (block: string, part: number) => string;
  readonly epsilon: number;
};

/** keras.applications since Keras 2.2.4. */
const NEW: Names = {
  stem: 'conv1_conv',
  stemNorm: 'conv1_bn',
  head: ['predictions', 'probs'],
  block: (stage, index) => `conv${stage}_block${index + 1}`,
  conv: (block, part) => `${block}_${part}_conv`,
  norm: (block, part) => `${block}_${part}_bn`,
  epsilon: 1.001e-5,
};

const BRANCHES: readonly string[] = ['1', '2a', '2b', '2c'];

/** Its ResNet50 before that. */
const OLD: Names = {
  stem: 'conv1',
  stemNorm: 'bn_conv1',
  head: ['fc1000'],
  block: (stage, index) => `${stage}${String.fromCharCode('a'.charCodeAt(0) + index)}`,
  conv: (block, part) => `res${block}_branch${BRANCHES[part]}`,
  norm: (block, part) => `bn${block}_branch${BRANCHES[part]}`,
  epsilon: 1e-3,
};

const STAGES: readonly number[] = [2, 3, 4, 5];

/** The ResNet of keras.applications whose weights alone a file holds. Throws `unsupported` for any other network. */
export function modelOfWeights(layers: readonly string[], shapesOf: ShapesOf): Model {
  const known = new Set(layers);
  const names = [NEW, OLD].find(({ stem, block, conv }) => known.has(stem) && known.has(conv(block(2, 0), 2)));
  if (names === undefined) {
    const found = layers.length === 0 ? 'no layers' : `layers ${quote(layers.slice(0, 4).join(', '))}, ...`;
    throw new ResedgeError(
      'unsupported',
      `expected a model with its config, or weights of a ResNet of keras.applications, received weights of ${found}: save the whole model with model.save('model.keras')`,
    );
  }
  const head = names.head.find((name) => known.has(name));
  if (head === undefined) {
    throw new ResedgeError(
      'unsupported',
      `expected a classifier, received weights without ${names.head[0]}, the last layer: take the file that has it (no "notop" in its name)`,
    );
  }
  const counts = STAGES.map((stage) => {
    let count = 0;
    while (known.has(names.conv(names.block(stage, count), 2))) count++;
    return count;
  });
  const second = known.has('post_bn');
  const build = chain(shapesOf);
  const name = `resnet${3 * counts.reduce((sum, count) => sum + count, 0) + 2}${second ? 'v2' : ''}`;
  (second ? buildSecond : buildFirst)(names, counts, build);
  build.add('avg_pool', 'GlobalAveragePooling2D');
  build.dense(head);
  return build.model(name);
}

type Chain = {
  /** Adds a layer behind the last one, or behind those that are named. */
  readonly add: (name: string, kind: string, config?: Json, reads?: readonly string[]) => string;
  readonly conv: (name: string, config: Json, reads?: readonly string[]) => string;
  readonly norm: (name: string, epsilon: number) => string;
  readonly relu: (name: string) => string;
  readonly dense: (name: string) => string;
  readonly last: () => string;
  readonly model: (name: string) => Model;
};

const ANY_SIZE: Json = { batch_shape: [null, null, null, 3] };

function chain(shapesOf: ShapesOf): Chain {
  const layers: Layer[] = [{ kind: 'InputLayer', name: 'input_1', key: '', config: ANY_SIZE, calls: [] }];
  const last = (): string => layers.at(-1)!.name;
  const to = (name: string): Reference => [name, 0, 0];
  const shapes = (name: string): readonly (readonly number[])[] => {
    const found = shapesOf(name) ?? [];
    if (found.length > 0) return found;
    throw new ResedgeError('input', `expected weights of layer ${name}, received none: the file is not whole`);
  };
  const add: Chain['add'] = (name, kind, config = {}, reads = [last()]) => {
    layers.push({ kind, name, key: '', config, calls: [reads.map(to)] });
    return name;
  };
  return {
    add,
    last,
    conv: (name, config, reads) => {
      const [kernel = [], bias] = shapes(name);
      const [rows = 1, columns = 1, , filters = 0] = kernel;
      const whole = { kernel_size: [rows, columns], filters, use_bias: bias !== undefined, ...config };
      return add(name, 'Conv2D', whole, reads);
    },
    norm: (name, epsilon) => add(name, 'BatchNormalization', { epsilon }),
    relu: (name) => add(name, 'ReLU'),
    dense: (name) => add(name, 'Dense', { units: shapes(name)[0]?.[1] ?? 0, activation: 'softmax' }),
    model: (name) => ({ name, layers, inputs: [to('input_1')], outputs: [to(last())] }),
  };
}

const PAD_ONE: Json = { padding: 1 };

function stem({ add, conv }: Chain, name: string): void {
  add('conv1_pad', 'ZeroPadding2D', { padding: 3 });
  conv(name, { strides: 2 });
}

function pool({ add }: Chain): void {
  add('pool1_pad', 'ZeroPadding2D', PAD_ONE);
  add('pool1_pool', 'MaxPooling2D', { pool_size: 3, strides: 2 });
}

/** Stride in the first 1 x 1 convolution, as in the paper and in Caffe. */
function buildFirst(names: Names, counts: readonly number[], build: Chain): void {
  const { conv, norm, relu, add, last } = build;
  stem(build, names.stem);
  norm(names.stemNorm, names.epsilon);
  relu('conv1_relu');
  pool(build);
  for (const [place, count] of counts.entries()) {
    for (let index = 0; index < count; index++) {
      const block = names.block(STAGES[place]!, index);
      const strides = index === 0 && place > 0 ? 2 : 1;
      const before = last();
      const part = (number: number, config: Json, reads?: readonly string[]): string => {
        conv(names.conv(block, number), config, reads);
        return norm(names.norm(block, number), names.epsilon);
      };
      const shortcut = index === 0 ? part(0, { strides }) : before;
      part(1, { strides }, [before]);
      relu(`${block}_1_relu`);
      part(2, { padding: 'same' });
      relu(`${block}_2_relu`);
      const end = part(3, {});
      add(`${block}_add`, 'Add', {}, [shortcut, end]);
      relu(`${block}_out`);
    }
  }
}

/** Norm and activation before the convolutions; stride in the last block of a stage. */
function buildSecond(names: Names, counts: readonly number[], build: Chain): void {
  const { conv, norm, relu, add, last } = build;
  stem(build, names.stem);
  pool(build);
  for (const [place, count] of counts.entries()) {
    for (let index = 0; index < count; index++) {
      const block = names.block(STAGES[place]!, index);
      const strides = index === count - 1 && place < counts.length - 1 ? 2 : 1;
      const before = last();
      norm(`${block}_preact_bn`, names.epsilon);
      const active = relu(`${block}_preact_relu`);
      const shortcut =
        index === 0
          ? conv(names.conv(block, 0), { strides })
          : strides === 1
            ? before
            : add(`${block}_pool`, 'MaxPooling2D', { pool_size: 1, strides }, [before]);
      conv(names.conv(block, 1), {}, [active]);
      norm(names.norm(block, 1), names.epsilon);
      relu(`${block}_1_relu`);
      add(`${block}_2_pad`, 'ZeroPadding2D', PAD_ONE);
      conv(names.conv(block, 2), { strides });
      norm(names.norm(block, 2), names.epsilon);
      relu(`${block}_2_relu`);
      const end = conv(names.conv(block, 3), {});
      add(`${block}_out`, 'Add', {}, [shortcut, end]);
    }
  }
  norm('post_bn', names.epsilon);
  relu('post_relu');
}
