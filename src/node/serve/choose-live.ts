import { ResedgeError } from '../../errors.ts';
import type { LiveChoice, ServedModel } from '../../runtime/served.ts';
import { providerOf } from './classify-upload.ts';

/** Reads what a page wants the camera's frames to run on; what it leaves out stays. Throws `usage` for what is not offered. */
export function liveChoiceOf(body: unknown, before: LiveChoice, models: readonly ServedModel[]): LiveChoice {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ResedgeError('usage', 'expected {"model", "provider", "compare"}, received something else');
  const { model: name = before.model, provider = before.provider, compare = null } = { ...body } as Partial<LiveChoice>;
  const model = modelNamed(name, models);
  const wish = providerOf(provider);
  if (wish !== 'auto' && !model.providers.includes(wish))
    throw new ResedgeError(
      'usage',
      `expected a provider of ${model.providers.join(', ')} for ${model.name}, received ${wish}`,
    );
  return { model: model.name, provider: wish, compare: compare === null ? null : modelNamed(compare, models).name };
}

function modelNamed(name: unknown, models: readonly ServedModel[]): ServedModel {
  const found = models.find((model) => model.name === name);
  if (found !== undefined) return found;
  const known = models.map((model) => model.name).join(', ');
  throw new ResedgeError('usage', `expected a model of ${known}, received ${JSON.stringify(name)?.slice(0, 200)}`);
}
