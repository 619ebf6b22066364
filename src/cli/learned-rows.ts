import type { ModelMetadata } from '../onnx/metadata.ts';
import { counted, percent } from './print.ts';

const MOST_NAMES = 6;

/** What a model says of how it was taught, as rows for people; `grows`: it remembers its classes. */
export function learnedRows(
  { learned, quantizeAware, labels }: ModelMetadata,
  grows: boolean,
): readonly (readonly [string, string])[] {
  const rows: [string, string][] = [];
  if (learned) {
    const { pictures, accuracy, threshold, recipe, seed, base } = learned;
    const total = pictures.reduce((sum, count) => sum + count, 0);
    const each = labels.slice(0, MOST_NAMES).map((label, i) => `${pictures[i]} ${label}`);
    const more = labels.length > MOST_NAMES ? `, ${labels.length - MOST_NAMES} classes more` : '';
    rows.push(
      ['learnt', `${total.toLocaleString('en')} pictures: ${each.join(', ')}${more}`],
      ['training', `${recipe}, seed ${seed}`],
      ['accuracy', `${percent(accuracy)} on pictures not trained on`],
      ['threshold', `${threshold.toFixed(4)}: below it "unknown"`],
      ['base', `SHA-256 ${base.slice(0, 12)}..., ${grows ? 'grows by learn --add' : 'cannot grow by learn --add'}`],
    );
  }
  if (quantizeAware) {
    const { epochs, pictures, learningRate, seed } = quantizeAware;
    const passes = `${counted(epochs, 'epoch')} of ${pictures.toLocaleString('en')} pictures`;
    rows.push(['rounded', `${passes} as INT8, from a rate of ${learningRate}, seed ${seed}`]);
  }
  return rows;
}
