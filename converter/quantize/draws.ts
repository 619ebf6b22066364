import { mulberry32, normal } from '../../src/tensor/random.ts';
import { float32, type Tensor } from '../../src/tensor/tensor.ts';

/** Draws of a value, as many of each: those of its channels (axis 1), or of all elements of one picture, row by row. */
export type Draws = readonly Float32Array[];

/** Numbers of a mean and a deviation, drawn anew at each call. */
export type Draw = (mean: number, deviation: number) => Float32Array;

/** Values drawn of every channel. */
const DRAWS = 1024;
/** Degrees of freedom of the draws' distribution: activations have heavier tails than a normal one. */
const FREEDOM = 5;

/** Draws from Student's t distribution, moved and scaled. */
export function heavyTailed(seed: number): Draw {
  const random = mulberry32(seed);
  return (mean, deviation) => {
    const scale = deviation * Math.sqrt((FREEDOM - 2) / FREEDOM);
    return Float32Array.from({ length: DRAWS }, () => {
      let chiSquare = 0;
      for (let i = 0; i < FREEDOM; i++) chiSquare += normal(random) ** 2;
      return mean + (scale * normal(random)) / Math.sqrt(chiSquare / FREEDOM);
    });
  };
}

/** Mean and variance of some numbers. */
export function momentsOf(values: Float32Array): { readonly mean: number; readonly variance: number } {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return { mean, variance: Math.max(0, squares / values.length - mean * mean) };
}

/** Draws of a value with so many channels as a tensor [1, channels, draws, 1]. */
export function asTensor(draws: Draws, channels: number): Tensor<'float32'> {
  const count = draws[0]?.length ?? 0;
  const data = new Float32Array(draws.length * count);
  for (const [i, drawn] of draws.entries()) data.set(drawn, i * count);
  return float32([1, channels, (draws.length / channels) * count, 1], data);
}
