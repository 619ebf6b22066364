/** Element types that weight files store. */
export type StoredDType = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

/** One tensor of a weight file, decoded only when read. */
export type StoredTensor = {
  readonly dtype: StoredDType;
  readonly dims: readonly number[];
  /**
   * The values in row-major order as float32: a view on the file's bytes where they already are aligned, contiguous
   * little-endian float32, else a new array. Never write to it.
   */
  readonly read: () => Float32Array;
};

export type WeightFormat = 'safetensors' | 'pytorch-zip' | 'pytorch-legacy';

/** A state dict: tensors under their names in the model, wrappers and prefixes removed, in file order. */
export type Weights = {
  readonly format: WeightFormat;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What was taken off every name (`module.`, ...) and which key of a checkpoint held the state dict, or whose names were translated; empty if none. */
  readonly unwrapped: readonly string[];
  /** What a safetensors file says of itself, as names and texts. */
  readonly metadata?: ReadonlyMap<string, string>;
};
