import { join } from 'node:path';
import { featureModel } from '../../../converter/head/feature-model.ts';
import { streamModel } from '../../onnx/encode.ts';
import { METADATA_KEYS } from '../../onnx/metadata.ts';
import type { Model } from '../../onnx/schema.ts';
import { inTemporaryFolder } from '../backend/model-files.ts';
import { type OpenedModel, type OpenModelOptions, openModel } from '../model/open-model.ts';
import { writeWhole } from '../write-whole.ts';
import type { BaseModel } from './base-model.ts';

/** Opens the model without its head, as the model itself runs here, and closes it after `use`. */
export function withFeatures<T>(
  base: BaseModel,
  options: OpenModelOptions,
  use: (model: OpenedModel) => Promise<T>,
): Promise<T> {
  const metadata = new Map(base.model.metadata);
  metadata.delete(METADATA_KEYS.memory);
  return withModel({ ...featureModel(base.model), metadata }, base.path, options, use);
}

/** Opens a model that is not written so far, on what `tune` chose for the model at `like`. */
export function withModel<T>(
  model: Model,
  like: string,
  options: OpenModelOptions,
  use: (model: OpenedModel) => Promise<T>,
): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, 'model.onnx');
    writeWhole(path, streamModel(model));
    const opened = await openModel(path, { ...options, tunedAs: like });
    try {
      return await use(opened);
    } finally {
      await opened.session.close();
    }
  });
}
