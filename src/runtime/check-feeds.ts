import { ResedgeError } from '../errors.ts';
import { elementCount, type Tensor } from '../tensor/tensor.ts';
import type { Feeds, TensorInfo } from './types.ts';

const shape = (dims: readonly (number | string)[]): string => `[${dims.join(', ')}]`;

const names = (infos: readonly TensorInfo[]): string => infos.map((info) => info.name).join(', ');

function checkTensor(info: TensorInfo, tensor: Tensor): void {
  const where = `for input ${info.name}`;
  if (tensor.dtype !== info.dtype)
    throw new ResedgeError(
      'input',
      `expected ${info.dtype} ${where}, came ${tensor.dtype}: feed what the model declares`,
    );
  const fits =
    tensor.dims.length === info.dims.length &&
    info.dims.every((dim, axis) => typeof dim === 'string' || dim === tensor.dims[axis]);
  if (!fits)
    throw new ResedgeError(
      'input',
      `expected shape ${shape(info.dims)} ${where}, came ${shape(tensor.dims)}: resize or transpose it`,
    );
  if (tensor.data.length !== elementCount(tensor.dims))
    throw new ResedgeError(
      'input',
      `expected ${elementCount(tensor.dims)} values ${where} of shape ${shape(tensor.dims)}, came ${tensor.data.length}: give dims that match the data`,
    );
}

/** Throws code `input` unless the feeds are exactly the model's inputs, each of its dtype, shape and length. */
export function checkFeeds(inputs: readonly TensorInfo[], feeds: Feeds): void {
  for (const info of inputs) {
    const tensor = Object.hasOwn(feeds, info.name) ? feeds[info.name] : undefined;
    if (tensor === undefined)
      throw new ResedgeError(
        'input',
        `expected the inputs ${names(inputs)}, came ${Object.keys(feeds).join(', ') || 'none'}: feed ${info.name}`,
      );
    checkTensor(info, tensor);
  }
  for (const name of Object.keys(feeds))
    if (!inputs.some((info) => info.name === name))
      throw new ResedgeError('input', `expected the inputs ${names(inputs)}, came ${name} too: leave it out`);
}

/** Throws code `input` if a name asked for is not an output of the model. */
export function checkOutputNames(outputs: readonly TensorInfo[], asked: readonly string[]): void {
  for (const name of asked)
    if (!outputs.some((info) => info.name === name))
      throw new ResedgeError(
        'input',
        `expected an output among ${names(outputs)}, came ${name}: ask for one the model has`,
      );
}
