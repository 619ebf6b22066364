import { oneLine } from '../../runtime/explain.ts';
import { classify } from '../classify.ts';
import { isResedgeError, ResedgeError } from '../index.ts';
import { type OpenedModel, openModel } from '../open-model.ts';
import type { FromWorker, Opened, Request, Results, ToWorker } from './protocol.ts';

/** ONNX Runtime's files, beside the worker's script. */
const ORT_FOLDER = new URL('ort/', location.href);

let current: OpenedModel | undefined;

function open(): OpenedModel {
  if (current !== undefined) return current;
  throw new ResedgeError('internal', 'expected an opened model, there is none yet');
}

async function replace({ path, provider, threads, deviceType }: Extract<Request, { kind: 'open' }>): Promise<Opened> {
  const address = new URL(path, location.href);
  const model = await openModel(address, { wasmPaths: ORT_FOLDER, providers: [provider], threads, deviceType });
  const before = current;
  current = model;
  await before?.session.close();
  const { metadata, session, warnings } = model;
  const { backend, inputs, outputs, loadMs } = session;
  return { backend, inputs, outputs, loadMs, provider, metadata, threads: model.threads, warnings };
}

async function answer(request: Request): Promise<Results[keyof Results]> {
  if (request.kind === 'open') return await replace(request);
  if (request.kind === 'run') return await open().session.run(request.feeds, request.outputs);
  return await classify(open(), request.picture, request.top);
}

addEventListener('message', async ({ data }: MessageEvent<ToWorker>) => {
  const { id, request } = data;
  let reply: FromWorker;
  try {
    reply = { kind: 'done', id, result: await answer(request) };
  } catch (error) {
    const fault = isResedgeError(error)
      ? { code: error.code, message: error.message }
      : { code: 'internal' as const, message: oneLine(error) };
    reply = { kind: 'failed', id, fault };
  }
  postMessage(reply);
});
