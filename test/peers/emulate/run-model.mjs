// Runs an ONNX file with the onnxruntime-node of another folder: node run-model.mjs <folder with request.json>
// Feeds and outputs lie beside the request as raw little-endian files.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float32: Float32Array,
};

const folder = process.argv[2];
const request = JSON.parse(await readFile(join(folder, 'request.json'), 'utf8'));
const { InferenceSession, Tensor } = createRequire(join(request.packages, 'package.json'))('onnxruntime-node');

const session = await InferenceSession.create(request.model, { intraOpNumThreads: request.threads });
const feeds = [];
for (const { name, type, dims, file } of request.feeds) {
  const bytes = await readFile(join(folder, file));
  const data = new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  feeds.push({ name, type, dims, data });
}

const pictures = feeds[0].dims[0];
const batch = Math.min(request.batch ?? pictures, pictures);
const parts = new Map(session.outputNames.map((name) => [name, []]));
for (let start = 0; start < pictures; start += batch) {
  const count = Math.min(batch, pictures - start);
  const slice = ({ name, type, dims, data }) => {
    if (count === pictures) return [name, new Tensor(type, data, dims)];
    const stride = data.length / dims[0];
    return [name, new Tensor(type, data.slice(start * stride, (start + count) * stride), [count, ...dims.slice(1)])];
  };
  const results = await session.run(Object.fromEntries(feeds.map(slice)));
  for (const [name, part] of parts) part.push(results[name]);
}

const outputs = [];
for (const [index, [name, part]] of [...parts].entries()) {
  const dims = [...part[0].dims];
  if (part.length > 1) dims[0] = part.reduce((sum, tensor) => sum + tensor.dims[0], 0);
  const file = `output-${index}.raw`;
  await writeFile(
    join(folder, file),
    Buffer.concat(part.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))),
  );
  outputs.push({ name, type: part[0].type, dims, file });
}
await writeFile(join(folder, 'response.json'), JSON.stringify({ arch: process.arch, outputs }));
