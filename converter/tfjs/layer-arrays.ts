import { constant } from '../graph/graph.ts';
import type { Layer, WeightSource } from '../keras/types.ts';
import type { Arrays } from './weights.ts';

/** The order in which Keras makes the arrays of a layer. */
const ORDER: readonly string[] = [
  ...['depthwise_kernel', 'pointwise_kernel', 'kernel', 'alpha', 'gamma', 'beta', 'bias'],
  ...['moving_mean', 'moving_variance', 'mean', 'variance', 'count'],
];

/** Arrays called `layer/array`, as layers models have them; in a model inside the model with or without its name in front. */
export function layerArrays(arrays: Arrays): WeightSource {
  const byLayer = new Map<string, string[]>();
  for (const name of arrays.keys()) {
    const layer = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), name]);
  }
  const owners = new Map(
    [...byLayer.keys()].map((layer) => [layer.slice(0, Math.max(0, layer.lastIndexOf('/'))), layer]),
  );
  const find = (path: readonly Layer[]): readonly string[] | undefined => {
    const names = path.map(({ name }) => name);
    const own = names.at(-1)!;
    // TensorFlow 2.2 put the name of what is inside a layer between.
    return byLayer.get(names.join('/')) ?? byLayer.get(own) ?? byLayer.get(owners.get(own) ?? own);
  };
  return (path) =>
    find(path)
      ?.toSorted((a, b) => placeOf(a) - placeOf(b))
      .flatMap((name) => {
        const array = arrays.get(name);
        return array?.dtype === 'float32' ? [[name, constant(array)] as const] : [];
      });
}

/** Where an array of that name stands; one that is not known comes last. */
function placeOf(name: string): number {
  const place = ORDER.indexOf(name.slice(name.lastIndexOf('/') + 1));
  return place < 0 ? ORDER.length : place;
}
