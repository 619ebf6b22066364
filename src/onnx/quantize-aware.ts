import { asPositive, asRecord, asWhole, parseJson } from './check.ts';

/** How weights learnt behind the roundings that they are stored with. */
export type QuantizeAware = {
  /** Passes over all pictures. */
  readonly epochs: number;
  readonly pictures: number;
  /** The largest one. */
  readonly learningRate: number;
  readonly seed: number;
};

const MAX_COUNT = 2 ** 31;
const MAX_SEED = 2 ** 32 - 1;

/** As the JSON of a metadata entry; the same gives the same text. */
export function formatQuantizeAware({ epochs, pictures, learningRate, seed }: QuantizeAware): string {
  const ordered: QuantizeAware = { epochs, pictures, learningRate, seed };
  return JSON.stringify(ordered);
}

/** Reads what {@link formatQuantizeAware} wrote. Code `input`, naming the metadata entry `where`. */
export function parseQuantizeAware(where: string, text: string): QuantizeAware {
  const json = asRecord(where, parseJson(where, text));
  return {
    epochs: asWhole(`${where}.epochs`, json['epochs'], 1, MAX_COUNT),
    pictures: asWhole(`${where}.pictures`, json['pictures'], 1, MAX_COUNT),
    learningRate: asPositive(`${where}.learningRate`, json['learningRate']),
    seed: asWhole(`${where}.seed`, json['seed'], 0, MAX_SEED),
  };
}
