import type { Call, Value } from '../types.ts';

/** The input in another shape of as many numbers a picture; its first dimension, 1 or open in the file, is the batch. */
export function reshaped(call: Call, wanted: readonly number[]): Value {
  const value = call.value(0);
  const { dims } = value.fact;
  const row = dims.slice(1).reduce<number>((all, dim) => all * Number(dim), 1);
  const [batch, ...rest] = wanted;
  const known = rest.filter((size) => size !== -1).reduce((all, size) => all * size, 1);
  const shape = rest.map((size) => (size === -1 ? row / known : size));
  const whole = shape.every((size) => Number.isInteger(size) && size > 0);
  const fits = whole && shape.reduce((all, size) => all * size, 1) === row;
  if (typeof dims[0] !== 'string' || (batch !== 1 && batch !== -1) || !fits) {
    return call.refuse(
      `a shape of ${row} numbers a picture, received [${wanted.join(', ')}] for [${dims.join(', ')}],`,
    );
  }
  if (shape.join() === dims.slice(1).join()) return value;
  return shape.length === 1
    ? call.emit({ kind: 'Flatten', axis: 1 }, [value])
    : call.emit({ kind: 'Reshape', shape: [0, ...shape] }, [value]);
}
