import type { OperatorReader } from '../types.ts';
import { activations } from './activation.ts';
import { arithmetic } from './arithmetic.ts';
import { layers } from './conv.ts';
import { pools } from './pool.ts';
import { shapes } from './shape.ts';

/** How every operator that is known is read, by TFLite's name. */
export const OPERATORS: ReadonlyMap<string, OperatorReader> = new Map(
  Object.entries({ ...activations, ...arithmetic, ...layers, ...pools, ...shapes }),
);
