import { createHash } from 'node:crypto';
import type { Pixels } from '../../image/pixels.ts';

/** Fewer different calibration pictures than this say little about the ranges. */
const FEW_PICTURES = 8;
const WANTED = `${FEW_PICTURES} or more different ones, typical of use, give safer ranges`;

/** How much calibration pictures differ, noted as they are read. */
export type Variety = {
  readonly add: (pixels: Pixels) => void;
  /** One line about pictures that are too few, alike, or of one colour; undefined where nothing is wrong. */
  readonly doubt: () => string | undefined;
};

export function pictureVariety(): Variety {
  const different = new Set<string>();
  let [pictures, plain] = [0, 0];
  return {
    add: ({ data }) => {
      pictures++;
      different.add(createHash('sha1').update(data).digest('base64'));
      if (data.every((value, i) => value === data[i % 3])) plain++;
    },
    doubt: () => {
      if (pictures === 0) return undefined;
      const count = `${pictures} ${pictures === 1 ? 'picture' : 'pictures'}`;
      if (plain === pictures)
        return `calibrated on ${count} of one plain colour, which show no network at work: ${WANTED}`;
      if (different.size >= FEW_PICTURES) return undefined;
      if (different.size === pictures) return `calibrated on ${count}, which is few: ${WANTED}`;
      const kinds = different.size === 1 ? 'all the same' : `only ${different.size} different ones`;
      return `calibrated on ${count}, ${kinds}, which is few: ${WANTED}`;
    },
  };
}
