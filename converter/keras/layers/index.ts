import type { LayerReader } from '../types.ts';
import { activations } from './activation.ts';
import { arithmetic } from './arithmetic.ts';
import { convolutions } from './conv.ts';
import { pools } from './pool.ts';
import { shapes } from './shape.ts';

/** How layers are read, by Keras's class. */
export const READERS: ReadonlyMap<string, LayerReader> = new Map(
  Object.entries({ ...activations, ...arithmetic, ...convolutions, ...pools, ...shapes }),
);
