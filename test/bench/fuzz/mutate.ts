import { readZip } from '../../../converter/weights/zip.ts';
import { mutateBytes, spliced } from './bytes.ts';
import { type Dice, diceOf, type Mutator } from './dice.ts';
import { mutateFlatbuffer } from './flatbuffer.ts';
import { mutateHdf5 } from './hdf5.ts';
import { mutateJson } from './json.ts';
import { mutateProtobuf } from './protobuf.ts';
import type { Source } from './seeds.ts';
import { writeZip } from './zip.ts';

/** Most damages to one model. */
const MOST = 4;
/** Keeps the chance of one seed apart from that of the next. */
const SPREAD = 1_000_003;

/** What knows a file by its name. */
const MUTATORS: readonly (readonly [name: RegExp, mutator: Mutator])[] = [
  [/\.json$/, mutateJson],
  [/\.h5$/, mutateHdf5],
  [/\.safetensors$/, mutateSafetensors],
  [/\.(keras|pth)$/, mutateArchive],
  [/\.tflite$/, mutateFlatbuffer],
  [/\.onnx$/, mutateProtobuf],
];

/** Damaged file number `index`; the same for the same seed. */
export function mutant(sources: readonly Source[], seed: number, index: number): Source {
  const dice = diceOf(seed * SPREAD + index);
  const source = dice.pick(sources);
  const files = { ...source.files };
  const beside = Object.keys(files).filter((name) => name !== source.model);
  for (let left = dice.pick([1, 1, 2, 3, MOST]); left > 0; left--) {
    const name = beside.length > 0 && dice.chance(0.3) ? dice.pick(beside) : source.model;
    files[name] = mutatorOf(name)(files[name]!, dice);
  }
  return { ...source, files };
}

function mutatorOf(name: string): Mutator {
  return MUTATORS.find(([pattern]) => pattern.test(name))?.[1] ?? mutateBytes;
}

/** The JSON of the header with its length, the header's bytes, or any. */
function mutateSafetensors(bytes: Uint8Array, dice: Dice): Uint8Array {
  const end = bytes.length < 8 ? 0 : 8 + Buffer.from(bytes).readUInt32LE(0);
  const kind = dice.below(4);
  if (end <= 8 || end > bytes.length || kind === 3) return mutateBytes(bytes, dice);
  if (kind === 2) return spliced(bytes, 0, end, mutateBytes(bytes.slice(0, end), dice));
  const header = Buffer.from(mutateJson(bytes.slice(8, end), dice));
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  return spliced(bytes, 0, end, Buffer.concat([length, header]));
}

/** An entry of an archive that is packed whole again, so that the damage gets behind the archive's own checks; or any bytes. */
function mutateArchive(bytes: Uint8Array, dice: Dice): Uint8Array {
  const entries = dice.chance(0.8) ? entriesOf(bytes) : [];
  if (entries.length === 0) return mutateBytes(bytes, dice);
  // Few entries say what the others are.
  const telling = entries.filter(([name]) => /\.(json|h5|pkl)$/.test(name));
  const [chosen] = dice.pick(telling.length > 0 && dice.chance(0.85) ? telling : entries);
  if (dice.chance(0.03)) return writeZip(entries.filter(([name]) => name !== chosen));
  return writeZip(
    entries.map(([name, content]) => [name, name === chosen ? mutatorOf(name)(content, dice) : content] as const),
  );
}

function entriesOf(bytes: Uint8Array): readonly (readonly [string, Uint8Array])[] {
  try {
    return [...readZip(bytes)];
  } catch {
    return [];
  }
}
