import { numbersFrom, values } from './random.mjs';

/** A residual network with a projection, padding of one side only, and a softmax. */
function resnet(tf) {
  const { layers } = tf;
  const input = tf.input({ shape: [32, 32, 3], name: 'picture' });
  const conv = (x, name, filters, options) =>
    layers
      .batchNormalization({ name: `${name}_bn`, epsilon: 1.001e-5 })
      .apply(layers.conv2d({ name, filters, kernelSize: 3, padding: 'same', useBias: false, ...options }).apply(x));
  const relu = (x, name) => layers.activation({ name, activation: 'relu' }).apply(x);
  const padded = layers
    .zeroPadding2d({
      name: 'pad',
      padding: [
        [0, 1],
        [0, 1],
      ],
    })
    .apply(input);
  let x = relu(conv(padded, 'stem', 6, { strides: 2, padding: 'valid' }), 'stem_relu');
  x = layers.maxPooling2d({ name: 'pool', poolSize: 3, strides: 2, padding: 'same' }).apply(x);
  for (const [place, filters] of [6, 8].entries()) {
    const strides = place === 0 ? 1 : 2;
    const inner = relu(conv(x, `block${place}_1`, filters, { strides }), `block${place}_relu`);
    const end = conv(inner, `block${place}_2`, filters, {});
    const shortcut = place === 0 ? x : conv(x, `block${place}_0`, filters, { strides, kernelSize: 1, useBias: true });
    x = relu(layers.add({ name: `block${place}_add` }).apply([shortcut, end]), `block${place}_out`);
  }
  x = layers.globalAveragePooling2d({ name: 'average' }).apply(x);
  return tf.model({
    inputs: input,
    outputs: layers.dense({ name: 'predictions', units: 5, activation: 'softmax' }).apply(x),
    name: 'small',
  });
}

/** Depthwise and separable convolutions, a model inside the model, and numbers of an image in a row. */
function mobile(tf) {
  const { layers } = tf;
  const inner = tf.sequential({ name: 'inner' });
  inner.add(
    layers.depthwiseConv2d({
      ...{ name: 'depthwise', kernelSize: 3, strides: 2, padding: 'same', depthMultiplier: 2, useBias: true },
      inputShape: [16, 16, 4],
    }),
  );
  inner.add(layers.batchNormalization({ name: 'norm', scale: false }));
  inner.add(layers.reLU({ name: 'relu6', maxValue: 6 }));
  const model = tf.sequential({ name: 'mobile' });
  const stem = { name: 'stem', filters: 4, kernelSize: 3, strides: 1, padding: 'same', inputShape: [16, 16, 3] };
  model.add(layers.conv2d({ ...stem, activation: 'elu' }));
  model.add(inner);
  model.add(layers.separableConv2d({ name: 'separable', filters: 6, kernelSize: 3, padding: 'same' }));
  model.add(layers.leakyReLU({ name: 'leaky', alpha: 0.1 }));
  model.add(layers.averagePooling2d({ name: 'average', poolSize: 3, strides: 2, padding: 'same' }));
  model.add(layers.dropout({ name: 'dropout', rate: 0.3 }));
  model.add(layers.flatten({ name: 'flatten' }));
  model.add(layers.dense({ name: 'hidden', units: 8, activation: 'hardSigmoid' }));
  model.add(layers.dense({ name: 'scores', units: 5 }));
  return model;
}

/** Sets every array by its name: variances are positive, kernels within `size`. */
function fill(tf, model, seed, size) {
  const random = numbersFrom(seed);
  for (const weight of model.weights) {
    const { name, shape } = weight;
    const dims = shape.map(Number);
    const [scale, offset] = /variance/.test(name) ? [0.4, 0.8] : /gamma/.test(name) ? [0.3, 1] : [size, 0];
    weight.write(tf.tensor(values(random, dims, scale, offset), dims));
  }
  return model;
}

async function artifactsOf(tf, model) {
  let saved;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs, weightData, format } = saved;
  return { modelTopology, weightSpecs, weightData, format };
}

export async function layersModels(tf) {
  return {
    resnet: { size: 32, artifacts: await artifactsOf(tf, fill(tf, resnet(tf), 1, 0.25)) },
    mobile: { size: 16, artifacts: await artifactsOf(tf, fill(tf, mobile(tf), 2, 0.5)) },
  };
}
