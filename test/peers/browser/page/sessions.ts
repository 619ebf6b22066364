import { createWasmBackend, type Session, type SessionOptions, type Tensor } from 'resedge';

const OPTIONS: SessionOptions = {
  provider: 'wasm',
  threads: 0,
  spinning: false,
  optimize: true,
  exactAccumulators: false,
};

export async function openSession(
  model: string,
  wasmPaths: string,
  options: Partial<SessionOptions> = {},
): Promise<Session> {
  const bytes = new Uint8Array(await (await fetch(model)).arrayBuffer());
  return await createWasmBackend({ wasmPaths }).open({ kind: 'bytes', bytes }, { ...OPTIONS, ...options });
}

export type Stored = { readonly dims: readonly number[]; readonly data: readonly number[] };

/** Many runs at once, each of its own batch; the logits of each. */
export async function logitsOf(
  model: string,
  wasmPaths: string,
  batches: readonly Stored[],
): Promise<readonly number[][]> {
  const session = await openSession(model, wasmPaths);
  const results = await Promise.all(
    batches.map(({ dims, data }) => session.run({ input: floats(dims, data) }, ['logits'])),
  );
  await session.close();
  return results.map(({ outputs }) => [...(outputs['logits']!.data as Float32Array)]);
}

function floats(dims: readonly number[], data: readonly number[]): Tensor {
  return { dtype: 'float32', dims, data: Float32Array.from(data) };
}

/** The order in which two runs and a close asked for at once are done, and the errors of runs that must be refused. */
export async function manners(model: string, wasmPaths: string, { dims, data }: Stored): Promise<readonly string[]> {
  const session = await openSession(model, wasmPaths);
  const log: string[] = [];
  const refused = async (run: Promise<unknown>): Promise<unknown> =>
    await run.catch((error) => log.push(`${error.code}: ${error.message}`));
  await refused(session.run({ image: floats(dims, data) }));
  await refused(session.run({ input: floats([1, ...dims], data) }));
  await refused(session.run({ input: floats(dims, data) }, ['scores']));
  await Promise.all([
    session.run({ input: floats(dims, data) }).then(() => log.push('run')),
    session.run({ input: floats(dims, data) }).then(() => log.push('run')),
    session.close().then(() => log.push('close')),
    session.close(),
  ]);
  await refused(session.run({ input: floats(dims, data) }));
  return log;
}

/** Every input of a model that hands its inputs on, as it went in and as it came out. */
export async function echoes(
  model: string,
  wasmPaths: string,
): Promise<Readonly<Record<string, readonly [string, string]>>> {
  const session = await openSession(model, wasmPaths);
  const feeds = Object.fromEntries(session.inputs.map(({ name, dtype }) => [name, sample(dtype)]));
  const { outputs } = await session.run(feeds);
  await session.close();
  return Object.fromEntries(
    session.inputs.map(({ name, dtype }) => [dtype, [text(feeds[name]!), text(outputs[name.replace('in.', 'out.')]!)]]),
  );
}

function text({ dtype, dims, data }: Tensor): string {
  return `${dtype} [${dims}] ${data.constructor.name} ${data}`;
}

function sample(dtype: Tensor['dtype']): Tensor {
  const dims = [2];
  switch (dtype) {
    case 'float32':
      return { dtype, dims, data: Float32Array.of(1.5, -2) };
    case 'float16':
      return { dtype, dims, data: Uint16Array.of(0x3c00, 0xfbff) };
    case 'uint16':
      return { dtype, dims, data: Uint16Array.of(0, 65535) };
    case 'uint8':
      return { dtype, dims, data: Uint8Array.of(0, 255) };
    case 'bool':
      return { dtype, dims, data: Uint8Array.of(0, 1) };
    case 'int8':
      return { dtype, dims, data: Int8Array.of(-128, 127) };
    case 'int16':
      return { dtype, dims, data: Int16Array.of(-32768, 32767) };
    case 'int32':
      return { dtype, dims, data: Int32Array.of(-2147483648, 2147483647) };
    case 'int64':
      return { dtype, dims, data: BigInt64Array.of(-5n, 2n ** 53n) };
    case 'int4':
      throw new Error('no session has 4-bit inputs');
  }
}
