import { classify, type Guess, type OpenModelOptions, openModel } from 'resedge';

export type Asked = {
  readonly model: string;
  readonly pictures: readonly string[];
  readonly options?: OpenModelOptions;
};

export type Answers = {
  readonly isolated: boolean;
  readonly provider: string;
  readonly threads: number;
  readonly warnings: readonly string[];
  readonly tops: readonly (readonly Guess[])[];
};

/** Opens a model and classifies pictures, all by their addresses. */
export async function answers({ model, pictures, options }: Asked): Promise<Answers> {
  const opened = await openModel(model, options);
  const { choice, threads, warnings, session } = opened;
  const tops: (readonly Guess[])[] = [];
  for (const picture of pictures) tops.push((await classify(opened, await blobOf(picture), 10)).top);
  await session.close();
  return { isolated: crossOriginIsolated, provider: choice.provider, threads, warnings, tops };
}

export async function blobOf(address: string): Promise<Blob> {
  return await (await fetch(address)).blob();
}

/** The same in a Web Worker. */
export function answersOfWorker(asked: Asked): Promise<Answers> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data as Answers);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage(asked);
  });
}
