/** float32 as bits of binary16, for numbers of a usual size, cut off. */
function toHalf(value) {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  const exponent = ((bits >>> 23) & 0xff) - 112;
  return ((bits >>> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 0x3ff));
}

/** The same model with float arrays stored as `stored`, as TensorFlow.js's converter does: whole numbers are stored x scale + min. */
export function quantized({ weightSpecs, weightData, ...model }, stored) {
  const parts = [];
  let at = 0;
  const specs = weightSpecs.map((spec) => {
    const count = spec.shape.reduce((all, dim) => all * dim, 1);
    const bytes = weightData.slice(at, at + 4 * count);
    at += 4 * count;
    if (spec.dtype !== 'float32') {
      parts.push(Buffer.from(bytes));
      return spec;
    }
    const data = new Float32Array(bytes);
    if (stored === 'float16') {
      parts.push(Buffer.from(Uint16Array.from(data, toHalf).buffer));
      return { ...spec, quantization: { dtype: stored, original_dtype: 'float32' } };
    }
    const [low, high] = [Math.min(...data), Math.max(...data)];
    const levels = stored === 'uint8' ? 255 : 65535;
    const scale = high > low ? (high - low) / levels : 1;
    const codes = Array.from(data, (value) => Math.round((value - low) / scale));
    const typed = stored === 'uint8' ? Uint8Array.from(codes) : Uint16Array.from(codes);
    parts.push(Buffer.from(typed.buffer));
    return { ...spec, quantization: { dtype: stored, scale, min: low, original_dtype: 'float32' } };
  });
  const whole = Buffer.concat(parts);
  return {
    ...model,
    weightSpecs: specs,
    weightData: whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length),
  };
}
