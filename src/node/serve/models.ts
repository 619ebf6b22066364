import { basename } from 'node:path';
import { refusal } from '../../device/runs.ts';
import { ResedgeError } from '../../errors.ts';
import { identify } from '../../onnx/identify.ts';
import type { ProviderWish, ServedModel } from '../../runtime/served.ts';
import { quickProfile } from '../device/quick-profile.ts';
import { readBytes } from '../files.ts';
import { type OpenedModel, openModel } from '../model/open-model.ts';

/** Classes that an answer names unless asked otherwise. */
export const TOP = 5;

/** Models that stay open at once, unless more are in use. */
const MAX_OPEN = 4;

export type ModelWish = { readonly model: string; readonly provider: ProviderWish };

/** The models of a server, each opened when it is first used. */
export type ModelPool = {
  readonly models: readonly ServedModel[];
  readonly device: string;
  /** Lets `action` use an open model, which stays open as long. Throws `usage` for one that is not offered, and what opening throws. */
  readonly use: <T>(wish: ModelWish, action: (model: OpenedModel) => Promise<T>) => Promise<T>;
  /** Waits for inferences under way. */
  readonly close: () => Promise<void>;
};

type Entry = { readonly opening: Promise<OpenedModel>; users: number };

/** Reads what the files say of themselves. Throws `usage` for two of the same name, and what reading a model throws. */
export async function openPool(paths: readonly string[], note: (line: string) => void): Promise<ModelPool> {
  const { profile } = await quickProfile();
  const places = new Map<string, string>();
  const models = paths.map((path): ServedModel => {
    const name = basename(path).replace(/\.onnx$/i, '');
    const other = places.get(name);
    if (other !== undefined)
      throw new ResedgeError('usage', `expected models of different names, ${other} and ${path} are both ${name}`);
    places.set(name, path);
    const bytes = readBytes(path, 'an ONNX model');
    const metadata = identify(path, bytes);
    const providers = profile.providers.map(({ provider }) => provider).filter((one) => !refusal(one, metadata));
    return { name, bytes: bytes.length, metadata, providers: [...new Set(providers)] };
  });
  /** In the order of last use. */
  const open = new Map<string, Entry>();

  const start = async (path: string, { provider }: ModelWish): Promise<OpenedModel> => {
    const model = await openModel(path, { onNotice: note, ...(provider === 'auto' ? {} : { provider }) });
    for (const warning of model.warnings) note(warning);
    return model;
  };
  const take = (key: string, path: string, wish: ModelWish): Entry => {
    const entry = open.get(key) ?? { opening: start(path, wish), users: 0 };
    open.delete(key);
    open.set(key, entry);
    entry.opening.catch(() => open.get(key) === entry && open.delete(key));
    return entry;
  };
  const closeIdle = (): void => {
    const idle = [...open].filter(([, { users }]) => users === 0);
    for (const [key, { opening }] of idle.slice(0, Math.max(0, open.size - MAX_OPEN))) {
      open.delete(key);
      void opening.then(({ session }) => session.close()).catch(() => undefined);
    }
  };
  return {
    models,
    device: profile.name,
    use: async (wish, action) => {
      const path = places.get(wish.model);
      if (path === undefined)
        throw new ResedgeError('usage', `expected a model of ${[...places.keys()].join(', ')}, received ${wish.model}`);
      const entry = take(`${wish.model} ${wish.provider}`, path, wish);
      entry.users++;
      try {
        return await action(await entry.opening);
      } finally {
        entry.users--;
        closeIdle();
      }
    },
    close: async () => {
      const opened = await Promise.allSettled([...open.values()].map(({ opening }) => opening));
      open.clear();
      await Promise.all(opened.map((one) => (one.status === 'fulfilled' ? one.value.session.close() : undefined)));
    },
  };
}
