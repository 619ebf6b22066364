import { fileURLToPath } from 'node:url';
import type { Preprocessing } from '../../tensor/preprocessing.ts';
import { readText } from '../files.ts';
import { PACKAGE_FOLDER } from '../package.ts';

/** A model that comes with the package; paths are absolute. */
export type BundledModel = {
  readonly id: string;
  readonly name: string;
  readonly weights: string;
  readonly calibration: string;
  /** A folder of pictures to try it on, one for each label and named for it. */
  readonly pictures: string;
  readonly licence: string;
  readonly labels: readonly string[];
  readonly preprocessing: Partial<Preprocessing>;
};

/** The model in `models/<id>/`, by its manifest. */
export function bundledModel(id: string): BundledModel {
  const at = (file: string): string => fileURLToPath(new URL(`models/${id}/${file}`, PACKAGE_FOLDER));
  const { name, weights, calibration, pictures, licence, labels, preprocessing } = JSON.parse(
    readText(at('manifest.json'), 'the manifest of a bundled model'),
  );
  return {
    id,
    name,
    weights: at(weights),
    calibration: at(calibration),
    pictures: at(pictures),
    licence,
    labels,
    preprocessing,
  };
}
