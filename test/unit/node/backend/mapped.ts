import { readFileSync } from 'node:fs';
import { nativeBackend } from '../../../../src/node/backend/native.ts';

/** Runs the model named on the command line, and says which of ONNX Runtime's libraries this process then has in memory. */
const options = { provider: 'cpu', threads: 1, spinning: false, optimize: true, exactAccumulators: false } as const;
const session = await nativeBackend.open({ kind: 'path', path: process.argv[2]! }, options);
const input = { dtype: 'float32', dims: [1, 3, 8, 8], data: new Float32Array(192) } as const;
const { outputs } = await session.run({ input });
const lines = readFileSync('/proc/self/maps', 'utf8').split('\n');
const files = lines
  .map((line) => line.split(' ').at(-1) ?? '')
  .filter((file) => /onnxruntime[^/]*\.(node|so)/.test(file));
process.stdout.write(JSON.stringify({ outputs: Object.keys(outputs), mapped: [...new Set(files)].sort() }));
await session.close();
