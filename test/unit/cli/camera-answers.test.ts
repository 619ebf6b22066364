import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type AnswerFlags, addAnswerOptions } from '../../../src/cli/answer-options.ts';
import { openAnswerStage, type Taken } from '../../../src/cli/camera-answers.ts';
import { readPicture } from '../../../src/node/image/read-picture.ts';
import { parseRegion } from '../../../src/pipeline/answers/region.ts';
import { folderWith } from '../node/folder.ts';
import { answerOf, LABELS } from '../pipeline/answers/answers.ts';
import { greyFrame, sourceOf } from '../pipeline/answers/frames.ts';

const ORIGIN = Date.UTC(2026, 0, 2, 3, 4, 5);

/** The flags of a command line. Throws what commander says of a wrong one. */
function flags(...args: readonly string[]): AnswerFlags {
  const command = addAnswerOptions(new Command('camera').exitOverride().configureOutput({ writeErr: () => undefined }));
  command.parse(args, { from: 'user' });
  return command.opts<AnswerFlags>();
}

async function stage(args: readonly string[], roi?: string) {
  const notes: string[] = [];
  const stills: Taken[] = [];
  const asked = { ...flags(...args), ...(roi === undefined ? {} : { roi: parseRegion(roi) }) };
  const opened = await openAnswerStage(asked, LABELS, {
    note: (line) => notes.push(line),
    origin: ORIGIN,
    still: (taken) => stills.push(taken),
  });
  return { ...opened, notes, stills };
}

const quick = ['--smooth', '0', '--debounce', '0'];
const CAT = [0.9, 0.05, 0.05];
const DOG = [0.05, 0.9, 0.05];
const NOTHING = [0.3, 0.35, 0.35];

describe('wrong usage', () => {
  test.each([
    [['--threshold', '50'], /number from 0 to 1/],
    [['--smooth', '-1'], /whole number from 0/],
    [['--debounce', 'x'], /whole number from 0/],
    [['--motion', '0'], /number above 0, at most 255/],
    [['--on', 'entered,gone'], /Expected some of entered,left,crossed/],
    [['--on', 'crossed'], /crossed and --watch <label=p> belong together/],
    [['--on', 'left', '--watch', 'cat=0.5'], /crossed and --watch <label=p> belong together/],
    [['--watch', 'cow=0.5'], /--watch: expected a label of the model, received cow/],
    [['--watch', 'cat'], /--watch: expected label=p/],
    [['--watch', 'cat='], /--watch: expected label=p/],
    [['--watch', 'cat=1.5'], /--watch: expected label=p/],
    [['--header', 'X: y'], /--header belongs to --webhook, which is missing/],
    [['--topic', 'x'], /--topic belongs to --mqtt, which is missing/],
    [['--retain'], /--retain belongs to --mqtt, which is missing/],
    [['--keep', '5'], /--keep belongs to --snapshots, which is missing/],
    [['--keep-days', '5'], /--keep-days belongs to --snapshots, which is missing/],
    [['--snapshots', 'x', '--keep', '0'], /whole number from 1/],
    [['--exec', '"x'], /--exec: .*not closed/],
    [['--webhook', 'ftp://host'], /--webhook: expected an address such as https:\/\/host or http:\/\/host/],
    [['--mqtt', 'mqtt://host', '--topic', 'a/#'], /--topic: expected a topic/],
    [['--events', '/nowhere/events'], /nowhere\/events: expected a file to append events to, no such file/],
  ])('%j', async (args, says) => {
    await expect(async () => (await stage(args)).close()).rejects.toThrow(says);
  });

  test.each([
    ['--mqtt', 'mqqt://user:s3cret@host'],
    ['--webhook', 'htp://user:s3cret@host'],
    ['--webhook', 'https://host:s3cret'],
  ])('%s shows no password', async (...args) => {
    const error: unknown = await stage(args).catch((reason: unknown) => reason);
    expect(String(error)).toContain(args[0]);
    expect(String(error)).not.toContain('s3cret');
  });
});

test('answers become events, and events lines', async () => {
  const path = join(folderWith(), 'events.jsonl');
  const { take, counts, close } = await stage([...quick, '--events', path, '--watch', 'dog=0.8']);
  const answers = [CAT, CAT, DOG, NOTHING].map((p, i) => take(answerOf(i, ORIGIN + i * 100, p)));
  expect(answers.map(({ answer }) => answer.best?.label)).toEqual(['cat', 'cat', 'dog', undefined]);
  expect(await close()).toEqual([{ sink: path, delivered: 6, dropped: 0, refused: 0, retried: 0, queued: 0 }]);
  expect(counts()).toMatchObject([{ sink: path, delivered: 6 }]);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(answers.flatMap(({ events }) => events));
  expect(answers.flatMap(({ events }) => events.map(({ kind, label, frame }) => `${kind} ${label} ${frame}`))).toEqual([
    'entered cat 0',
    'left cat 2',
    'entered dog 2',
    'crossed dog 2',
    'left dog 3',
    'crossed dog 3',
  ]);
});

test('several sinks get the same, and what one refuses is said', async () => {
  const path = join(folderWith(), 'events.jsonl');
  const { take, close, notes } = await stage([
    ...quick,
    '--events',
    path,
    '--exec',
    'no-such-program x',
    '--on',
    'entered',
  ]);
  take(answerOf(0, ORIGIN, CAT));
  const [counts, again] = await Promise.all([close(), close()]);
  expect(counts).toMatchObject([
    { sink: path, delivered: 1 },
    { sink: 'no-such-program', refused: 1 },
  ]);
  expect(again).toBe(counts);
  expect(notes).toEqual([
    'no-such-program: could not be run, no such file or folder; the event is left out',
    'no-such-program: 0 of 1 events delivered, 0 dropped, 1 refused',
  ]);
});

test('without a sink there are events all the same', async () => {
  const { take, counts, close } = await stage(quick);
  expect(take(answerOf(0, ORIGIN, CAT)).events).toHaveLength(1);
  expect([counts(), await close()]).toEqual([[], []]);
});

describe('snapshots', () => {
  test('show the frame that caused the event, though others came since', async () => {
    const folder = folderWith();
    const pictures = [40, 80, 120, 160].map((level) => greyFrame('yuv420p', 33, 21, () => level, 16));
    const { gate, take, close, notes } = await stage([...quick, '--snapshots', folder, '--on', 'entered']);
    const source = gate(sourceOf(pictures));
    await source.next();
    await source.next();
    take(answerOf(0, ORIGIN, NOTHING));
    await source.next();
    take(answerOf(1, ORIGIN + 100, CAT));
    await source.next();
    take(answerOf(2, ORIGIN + 200, NOTHING));
    await close();
    expect(notes).toEqual([]);
    expect(readdirSync(folder)).toEqual(['2026-01-02T03-04-05.100Z-1-entered-cat.jpg']);
    const geometry = { inputSize: 21, resize: 21, crop: 'center', interpolation: 'bilinear' } as const;
    const { data } = await readPicture(join(folder, readdirSync(folder)[0] ?? ''), geometry);
    expect(data.every((value) => Math.abs(value - 80) < 4)).toBe(true);
  });

  test('are not written unasked', async () => {
    const folder = folderWith();
    const cwd = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(cwd));
    const { gate, take, close } = await stage(quick);
    await gate(sourceOf([greyFrame('rgb24', 8, 8, () => 1)])).next();
    take(answerOf(0, ORIGIN, CAT));
    await close();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the motion gate', () => {
  /** Levels of grey over time; each frame handed out is answered with a cat before the next one is asked for. */
  async function handedOut(args: readonly string[], frames: readonly ReturnType<typeof greyFrame>[], roi?: string) {
    const { gate, take, close, stills } = await stage([...quick, ...args], roi);
    const source = gate(sourceOf(frames));
    const seen: number[] = [];
    for (let frame = await source.next(); frame !== undefined; frame = await source.next()) {
      seen.push(frame.index);
      take(answerOf(frame.index, ORIGIN + frame.arrivedMs, CAT));
    }
    await close();
    return { seen, stills };
  }
  const levels = (...all: readonly number[]) => all.map((level) => greyFrame('rgb24', 64, 48, () => level));

  test('leaves out still frames, which repeat the answer before', async () => {
    const { seen, stills } = await handedOut(
      ['--motion', '6'],
      levels(...Array(15).fill(50), 90, ...Array(12).fill(50)),
    );
    // A change is looked at for a second, ten frames.
    const open = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i);
    expect(seen).toEqual([...open(0, 10), ...open(15, 26)]);
    expect(stills.map(({ answer }) => answer.frame)).toEqual([...open(10, 15), 26, 27]);
    expect(stills[0]?.answer).toMatchObject({ at: ORIGIN + 1000, still: true, best: { label: 'cat' } });
  });

  test('looks at the region alone', async () => {
    const moving = Array.from({ length: 20 }, (_, i) => greyFrame('rgb24', 64, 48, (x) => (x < 32 ? 10 * i : 100)));
    expect((await handedOut(['--motion', '6'], moving, '0.5,0,0.5,1')).seen).toHaveLength(10);
    expect((await handedOut(['--motion', '6'], moving, '0,0,0.5,1')).seen).toHaveLength(20);
  });

  test('is open without the option', async () => {
    expect((await handedOut([], levels(50, 50, 50))).seen).toEqual([0, 1, 2]);
  });

  test('repeats nothing while an answer is due', async () => {
    const { gate, take, close, stills } = await stage([...quick, '--motion', '6']);
    const source = gate(sourceOf(levels(...Array(20).fill(50), 200)));
    for (let i = 0; i < 9; i++) take(answerOf((await source.next())?.index ?? 0, ORIGIN + i * 100, CAT));
    // Frame 9 is under inference while the still ones from 10 on pass by.
    expect((await source.next())?.index).toBe(9);
    expect((await source.next())?.index).toBe(20);
    expect(stills).toEqual([]);
    take(answerOf(9, ORIGIN + 900, DOG));
    await close();
  });
});
