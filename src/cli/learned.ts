import type { Taught } from '../node/learn/types.ts';
import { tunedRows } from './finetune.ts';
import { byteSize, fields, percent, print, table } from './print.ts';

/** More classes than this do not fit on a screen side by side. */
const MOST_COLUMNS = 12;
/** Columns of a screen, and letters of a class's name beside the matrix and above it. */
const SCREEN = 80;
const LONGEST_NAME = 12;
const SHORT_NAME = 4;
const WORST_PAIRS = 8;
const MOST_NAMES = 12;
/** JSON knows no infinity: equal scores count as this many dB. */
const EQUAL_DB = 200;

/** What `learn --json` prints. */
export function learnedJson(taught: Taught, output: string): Record<string, unknown> {
  const { base, labels, pictures, threshold, confusion, verified, grown } = taught;
  const classes = labels.length;
  return {
    model: output,
    base: { file: base.path, sha256: base.sha256, bytes: base.bytes },
    classes: labels.map((label, index) => ({ label, pictures: pictures[index] })),
    skipped: taught.skipped.length,
    accuracy: taught.accuracy,
    judged: taught.validated.answers.length,
    threshold,
    confusion: labels.map((_, row) => [...confusion.subarray(row * classes, (row + 1) * classes)]),
    ...(grown ? { grown } : {}),
    ...(taught.tuned ? { tuned: taught.tuned } : {}),
    variants: taught.variants,
    recipe: taught.recipe,
    head: { ...verified, sqnrDb: Math.min(EQUAL_DB, verified.sqnrDb) },
    bytes: taught.bytes,
    memoryBytes: taught.memoryBytes,
    cached: taught.cached,
    provider: taught.provider,
    ms: taught.ms,
  };
}

/** What `learn` says to people. */
export function printLearned(taught: Taught, output: string): void {
  const { base, labels, pictures, threshold, verified, validated, grown } = taught;
  const shown = labels.slice(0, MOST_NAMES).join(', ');
  const more = labels.length > MOST_NAMES ? ` and ${labels.length - MOST_NAMES} more` : '';
  const total = pictures.reduce((sum, count) => sum + count, 0);
  const kept = taught.cached > 0 ? `, features of ${taught.cached} known from before` : '';
  const apart = taught.tuned ? 'kept apart, which chose the epoch too' : 'that the judged head had not seen';
  const judged = `${validated.answers.length} pictures ${apart}`;
  const [part, whole] = taught.tuned ? ['INT8', 'the tuned network'] : ['head', 'the trained head'];
  print(
    fields([
      ['classes', `${labels.length}: ${shown}${more}`],
      ...(grown ? grownRows(grown) : ([['pictures', `${total}${kept}`]] as const)),
      ['training', taught.recipe],
      ...tunedRows(taught),
      ['accuracy', `${percent(taught.accuracy)} on ${judged}`],
      [
        'threshold',
        `${threshold.value.toFixed(4)}: below it "unknown"; keeps ${share(threshold.keeps)} of the right answers, stops ${share(threshold.catches)} of the wrong ones`,
      ],
      [
        part,
        `${verified.sqnrDb.toFixed(1)} dB, ${percent(verified.agreement)} agreement with ${whole} on ${verified.pictures} pictures, run on ${taught.provider}`,
      ],
      [
        'file',
        `${output}, ${byteSize(base.bytes)} -> ${byteSize(taught.bytes)}, ${byteSize(taught.memoryBytes)} of them to grow by, ${(taught.ms / 1000).toFixed(1)} s`,
      ],
    ]),
  );
  print('');
  print(confusionText(taught));
}

function grownRows({ label, extended, pictures, others }: NonNullable<Taught['grown']>) {
  const change = 100 * (others.after - others.before);
  const cost = `${change < 0 ? '' : '+'}${change.toFixed(2)} points`;
  return [
    [extended ? 'extended' : 'added', `${label}, ${pictures} pictures`],
    [
      'others',
      `${percent(others.before)} -> ${percent(others.after)}, ${cost}, on ${others.pictures} remembered pictures`,
    ],
  ] as const;
}

/** The matrix; for many classes the pairs that are mistaken most. */
function confusionText({ labels, confusion }: Taught): string {
  const classes = labels.length;
  if (classes <= MOST_COLUMNS) {
    const wide = labels.reduce((sum, label) => sum + Math.min(label.length, LONGEST_NAME) + 2, LONGEST_NAME + 2);
    const headings = labels.map((label) => shortened(label, wide > SCREEN ? SHORT_NAME : LONGEST_NAME));
    const rows = labels.map((label, row) => [
      shortened(label, LONGEST_NAME),
      ...labels.map((_, column) => cell(confusion[row * classes + column]!)),
    ]);
    return `  what was shown (rows), what was answered (columns)\n${table([['', ...headings], ...rows])}`;
  }
  const pairs = labels
    .flatMap((truth, row) => labels.map((answer, column) => ({ truth, answer, row, column })))
    .filter(({ row, column }) => row !== column && confusion[row * classes + column]! > 0)
    .map((pair) => ({ ...pair, count: confusion[pair.row * classes + pair.column]! }))
    .sort((a, b) => b.count - a.count)
    .slice(0, WORST_PAIRS);
  if (pairs.length === 0) return '  no class was taken for another';
  return `  most often mistaken\n${table(pairs.map(({ truth, answer, count }) => [`${truth} for ${answer}`, `${count}`]))}`;
}

function shortened(label: string, most: number): string {
  return label.length > most ? `${label.slice(0, most - 1)}.` : label;
}

function cell(count: number): string {
  return count === 0 ? '·' : `${count}`;
}

function share(value: number): string {
  return `${(100 * value).toFixed(0)} %`;
}
