import { nativeBackend } from '../../../../src/node/backend/native.ts';
import { wasmBackend } from '../../../../src/node/backend/wasm.ts';
import { openSession } from '../../../../src/runtime/open.ts';

/** Opens the model named on the command line, starts a run, and neither waits for it nor closes the session. */
const options = { threads: 1, spinning: false, optimize: true, exactAccumulators: false };
const { session, choice } = await openSession(
  { kind: 'path', path: process.argv[2]! },
  [
    { backend: nativeBackend, options: { ...options, provider: 'cpu' } },
    { backend: wasmBackend, options: { ...options, provider: 'wasm' } },
  ],
  { strict: false },
);
session
  .run({ input: { dtype: 'float32', dims: [1, 3, 8, 8], data: new Float32Array(192) } })
  .then(({ outputs }) => process.stdout.write(JSON.stringify({ choice, outputs: Object.keys(outputs) })));
