import { numbersFrom, values } from './random.mjs';

const text = (value) => ({ s: Buffer.from(value).toString('base64') });
const ints = (list) => ({ list: { i: list.map(String) } });
const FLOAT = { type: 'DT_FLOAT' };
const shapeOf = (dims) => ({ dim: dims.map((size) => ({ size: String(size) })) });

/** A GraphDef as TensorFlow's converter writes it, node by node, and its constants. */
function newGraph(seed, size) {
  const random = numbersFrom(seed);
  const constants = [];
  const nodes = [
    { name: 'picture', op: 'Placeholder', attr: { dtype: FLOAT, shape: { shape: shapeOf([-1, size, size, 3]) } } },
  ];
  const store = (name, dims, data, dtype) => {
    const type = dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT';
    nodes.push({
      ...{ name, op: 'Const' },
      attr: { dtype: { type }, value: { tensor: { dtype: type, tensorShape: shapeOf(dims) } } },
    });
    constants.push({ name, dims, data, dtype });
    return name;
  };
  return {
    constants,
    nodes,
    op: (name, op, input, attr = {}) => {
      nodes.push({ name, op, input, attr: { T: FLOAT, ...attr } });
      return name;
    },
    weights: (name, dims, scale = 0.5, offset = 0) => store(name, dims, values(random, dims, scale, offset), 'float32'),
    whole: (name, dims, list) => store(name, dims, Int32Array.from(list), 'int32'),
  };
}

const window = (strides, padding, more = {}) => ({
  strides: ints([1, strides, strides, 1]),
  padding: text(padding),
  data_format: text('NHWC'),
  dilations: ints([1, 1, 1, 1]),
  explicit_paddings: { list: {} },
  ...more,
});

/** Every operator on its own, shapes that are computed, and a batch norm that is spelled out. */
function plain() {
  const g = newGraph(3, 16);
  const { op, weights, whole } = g;
  let x = op('scale', 'Mul', ['picture', weights('scale/y', [], 0, 0.5)]);
  x = op('centre', 'Sub', [x, weights('centre/y', [3], 0.2, 0.3)]);
  x = op('stem', 'Conv2D', [x, weights('stem/filter', [3, 3, 3, 4])], window(2, 'SAME'));
  x = op('stem/bias', 'BiasAdd', [x, weights('stem/bias/b', [4])], { data_format: text('NHWC') });
  const four = (name, variance) => [
    weights(`${name}/gamma`, [4], 0.3, 1),
    weights(`${name}/beta`, [4]),
    weights(`${name}/mean`, [4]),
    weights(`${name}/variance`, [4], 0.4, variance),
  ];
  x = op('norm', 'FusedBatchNormV3', [x, ...four('norm', 0.8)], {
    ...{ epsilon: { f: 0.001 }, is_training: { b: false }, data_format: text('NHWC') },
  });
  const stem = op('relu6', 'Relu6', ['norm:0']);
  x = op('pad', 'Pad', [stem, whole('pad/paddings', [4, 2], [0, 0, 1, 2, 0, 3, 0, 0])]);
  x = op('depth', 'DepthwiseConv2dNative', [x, weights('depth/filter', [3, 3, 4, 2])], window(1, 'VALID'));
  x = op('leaky', 'LeakyRelu', [x], { alpha: { f: 0.1 } });
  x = op('point', 'Conv2D', [x, weights('point/filter', [2, 1, 8, 4])], window(1, 'SAME'));
  const [gamma, beta, mean, variance] = four('spelled', 0.8);
  const root = op('rsqrt', 'Rsqrt', [op('add_epsilon', 'AddV2', [variance, weights('epsilon', [], 0, 0.001)])]);
  const factor = op('factor', 'Mul', [root, gamma]);
  x = op('spelled/mul', 'Mul', [x, factor]);
  x = op('spelled/add', 'AddV2', [x, op('shift', 'Sub', [beta, op('moved', 'Mul', [mean, factor])])]);
  x = op(
    'crop',
    'StridedSlice',
    [
      ...[x, whole('crop/begin', [4], [0, 0, 0, 0]), whole('crop/end', [4], [0, 8, 8, 0])],
      whole('crop/strides', [4], [1, 1, 1, 1]),
    ],
    { begin_mask: { i: '9' }, end_mask: { i: '9' }, ellipsis_mask: { i: '0' }, new_axis_mask: { i: '0' } },
  );
  x = op('sum', 'AddV2', [x, stem]);
  const small = op('max', 'MaxPool', [x], window(2, 'SAME', { ksize: ints([1, 3, 3, 1]) }));
  const mean2 = op('avg', 'AvgPool', [x], window(2, 'SAME', { ksize: ints([1, 3, 3, 1]) }));
  x = op('concat', 'ConcatV2', [small, mean2, whole('concat/axis', [], [3])]);
  x = op('swish', 'Mul', [x, op('sigmoid', 'Sigmoid', [x])]);
  x = op('bounded', 'Maximum', [x, weights('bounded/y', [], 0, -0.2)]);
  const rows = op('rows', 'Mean', [x, whole('rows/axes', [1], [1])], { keep_dims: { b: true } });
  const shape = op('shape', 'Shape', [rows]);
  const [zero, one] = [whole('zero', [1], [0]), whole('one', [1], [1])];
  const batch = op('batch', 'StridedSlice', [shape, zero, one, one], { shrink_axis_mask: { i: '1' } });
  const target = op('target', 'Pack', [batch, whole('rest', [], [-1])], { axis: { i: '0' }, N: { i: '2' } });
  x = op('row', 'Reshape', [rows, target]);
  x = op('dense', 'MatMul', [x, weights('dense/kernel', [32, 5])], {
    ...{ transpose_a: { b: false }, transpose_b: { b: false } },
  });
  x = op('dense/bias', 'BiasAdd', [x, weights('dense/bias/b', [5])]);
  op('Identity', 'Identity', [op('softmax', 'Softmax', [x])]);
  return g;
}

const fused = (count, ...ops) => ({
  ...{ num_args: { i: String(count) }, epsilon: { f: 0 } },
  fused_ops: { list: { s: ops.map((op) => text(op).s) } },
});

/** As the converter's optimizer leaves it: everything fused into the products. */
function fusedGraph() {
  const g = newGraph(4, 17);
  const { op, weights, whole } = g;
  let x = op(
    'StatefulPartitionedCall/stem',
    '_FusedConv2D',
    ['picture', weights('w0', [3, 3, 3, 4]), weights('b0', [4])],
    {
      ...window(2, 'SAME'),
      ...fused(1, 'BiasAdd', 'Relu6'),
    },
  );
  x = op('depth', 'FusedDepthwiseConv2dNative', [x, weights('w1', [3, 3, 4, 1]), weights('b1', [4])], {
    ...window(1, 'SAME'),
    ...fused(1, 'BiasAdd', 'Relu'),
  });
  const shortcut = x;
  x = op('dilated', '_FusedConv2D', [x, weights('w2', [3, 3, 4, 4]), weights('b2', [4])], {
    ...window(1, 'SAME', { dilations: ints([1, 2, 2, 1]) }),
    ...fused(1, 'BiasAdd', 'Elu'),
  });
  x = op('add', 'AddV2', [x, shortcut]);
  x = op('explicit', '_FusedConv2D', [x, weights('w3', [3, 3, 4, 6]), weights('b3', [6])], {
    ...window(2, 'EXPLICIT', { explicit_paddings: ints([0, 0, 1, 0, 0, 2, 0, 0]) }),
    ...fused(1, 'BiasAdd', 'LeakyRelu'),
    leakyrelu_alpha: { f: 0.3 },
  });
  x = op('slopes', '_FusedConv2D', [x, weights('w4', [1, 1, 6, 6]), weights('b4', [6]), weights('p4', [6], 0.2, 0.2)], {
    ...window(1, 'VALID'),
    ...fused(2, 'BiasAdd', 'Prelu'),
  });
  x = op('channels', 'Transpose', [x, whole('channels/perm', [4], [0, 3, 1, 2])]);
  x = op('back', 'Transpose', [x, whole('back/perm', [4], [0, 2, 3, 1])]);
  x = op('average', 'Mean', [x, whole('average/axes', [2], [1, 2])], { keep_dims: { b: true } });
  x = op('squeeze', 'Squeeze', [x], { squeeze_dims: ints([1, 2]) });
  x = op('hidden', '_FusedMatMul', [x, weights('w5', [6, 8]), weights('b5', [8])], {
    ...{ transpose_a: { b: false }, transpose_b: { b: false } },
    ...fused(1, 'BiasAdd', 'Relu'),
  });
  x = op('scores', '_FusedMatMul', [x, weights('w6', [5, 8]), weights('b6', [5])], {
    ...{ transpose_a: { b: false }, transpose_b: { b: true } },
    ...fused(1, 'BiasAdd'),
  });
  op('Identity', 'Identity', [x]);
  return g;
}

function artifactsOf({ nodes, constants }, size) {
  const bytes = Buffer.concat(constants.map(({ data }) => Buffer.from(data.buffer)));
  const signature = {
    inputs: { picture: { name: 'picture:0', dtype: 'DT_FLOAT', tensorShape: shapeOf([-1, size, size, 3]) } },
    outputs: { scores: { name: 'Identity:0', dtype: 'DT_FLOAT', tensorShape: shapeOf([-1, 5]) } },
  };
  return {
    format: 'graph-model',
    modelTopology: { node: nodes, versions: { producer: 808 } },
    signature,
    weightSpecs: constants.map(({ name, dims, dtype }) => ({ name, shape: dims, dtype })),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  };
}

export function graphModels() {
  return {
    plain: { size: 16, artifacts: artifactsOf(plain(), 16) },
    fused: { size: 17, artifacts: artifactsOf(fusedGraph(), 17) },
  };
}
