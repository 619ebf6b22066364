import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_KINDS } from '../../../../src/pipeline/answers/event-kinds.ts';
import { type CameraEvent, type EventOptions, eventDetector } from '../../../../src/pipeline/answers/events.ts';
import type { SteadyAnswer } from '../../../../src/pipeline/answers/steady.ts';
import { LABELS } from './answers.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const options: EventOptions = { labels: LABELS, kinds: EVENT_KINDS, watches: [], debounceMs: 500 };

/** What holds in one frame, -1 for nothing. */
function steady(frame: number, ms: number, index: number, probability = 0.9): SteadyAnswer {
  const probabilities = Float64Array.from(LABELS, (_, i) => (i === index ? probability : (1 - probability) / 2));
  const best = index < 0 ? undefined : { label: LABELS[index]!, index, probability };
  return { frame, at: START + ms, best, probabilities, top: [], still: false };
}

/** The events of classes that hold in frames 100 ms apart, as `kind label frame`. */
function eventsOf(indices: readonly number[], some: Partial<EventOptions> = {}): readonly string[] {
  const detect = eventDetector({ ...options, ...some });
  const events = indices.flatMap((index, i) => detect(steady(i, i * 100, index)));
  return events.map(({ kind, label, frame }) => `${kind} ${label} ${frame}`);
}

const times = (n: number, index: number): readonly number[] => Array.from({ length: n }, () => index);

describe('entered and left', () => {
  test('carry time, label, probability and frame', () => {
    const detect = eventDetector({ ...options, debounceMs: 0 });
    expect(detect(steady(7, 1234, 1))).toEqual([
      { kind: 'entered', time: '2026-01-02T03:04:06.234Z', label: 'dog', probability: 0.9, frame: 7 },
    ]);
    const [left] = detect(steady(8, 1267, 2, 0.8));
    expect(left).toMatchObject({ kind: 'left', time: '2026-01-02T03:04:06.267Z', label: 'dog', frame: 8 });
    expect(left?.probability).toBeCloseTo(0.1, 12);
  });

  test.each([
    ['after its time', times(6, 0), ['entered cat 5']],
    ['not before', times(5, 0), []],
    [
      'one after the other, the old one first',
      [...times(6, 0), ...times(6, 1)],
      ['entered cat 5', 'left cat 11', 'entered dog 11'],
    ],
    ['left for nothing', [...times(6, 0), ...times(6, -1)], ['entered cat 5', 'left cat 11']],
    ['a short absence does not count', [...times(6, 0), ...times(5, -1), ...times(9, 0)], ['entered cat 5']],
    ['a short visitor does not count', [...times(6, 0), ...times(5, 1), ...times(9, 0)], ['entered cat 5']],
    ['gone while two others take turns', [...times(6, 0), 1, 2, 1, 2, 1, 2, 1], ['entered cat 5', 'left cat 11']],
    [
      'only what newly entered can leave',
      [...times(6, 0), ...times(6, 1), 2, 1],
      ['entered cat 5', 'left cat 11', 'entered dog 11'],
    ],
  ])('%s', (_, indices, expected) => {
    expect(eventsOf(indices)).toEqual(expected);
  });

  test('nothing shorter than the debounce is ever told', () => {
    const short = fc.array(fc.tuple(fc.integer({ min: -1, max: 2 }), fc.integer({ min: 1, max: 5 })), {
      maxLength: 50,
    });
    fc.assert(
      fc.property(short, (runs) => {
        const indices = runs.flatMap(([index, length], i) => {
          const before = runs[i - 1]?.[0];
          return times(length, index === before ? ((index + 2) % 4) - 1 : index);
        });
        const longest = longestRun(indices);
        fc.pre(longest <= 5);
        expect(eventsOf(indices)).toEqual([]);
      }),
    );
  });

  test('a label enters and leaves in turns, one at a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 2 }), { maxLength: 200 }),
        fc.integer({ min: 0, max: 3 }),
        (indices, frames) => {
          let present: string | undefined;
          for (const event of eventsOf(indices, { debounceMs: frames * 100 })) {
            const [kind, label] = event.split(' ');
            expect(present).toBe(kind === 'left' ? label : undefined);
            present = kind === 'left' ? undefined : label;
          }
        },
      ),
    );
  });

  test('a clock set back an hour delays by the debounce and no more', () => {
    const detect = eventDetector(options);
    const at = [3_600_000, 3_600_100, 0, 100, 500].map((ms, i) => detect(steady(i, ms, 0)).length);
    expect(at).toEqual([0, 0, 0, 0, 1]);
  });

  test('only the kinds asked for', () => {
    expect(eventsOf([...times(6, 0), ...times(6, -1)], { kinds: ['left'] })).toEqual(['left cat 11']);
  });
});

describe('crossed', () => {
  const watches = [{ index: 0, up: 0.8, down: 0.6 }];
  const crossings = (values: readonly number[], debounceMs: number): readonly CameraEvent[] => {
    const detect = eventDetector({ ...options, watches, debounceMs, kinds: ['crossed'] });
    return values.flatMap((value, i) => detect(steady(i, i * 100, 0, value)));
  };

  test('up at one threshold, down below the other', () => {
    expect(crossings([0.5, 0.8, 0.7, 0.6, 0.59, 0.79, 0.81], 0)).toMatchObject([
      { kind: 'crossed', direction: 'up', threshold: 0.8, label: 'cat', probability: 0.8, frame: 1 },
      { kind: 'crossed', direction: 'down', threshold: 0.8, probability: 0.59, frame: 4 },
      { kind: 'crossed', direction: 'up', threshold: 0.8, frame: 6 },
    ]);
  });

  test('holds for its time first', () => {
    expect(crossings([0.9, 0.9, 0.1, 0.9, 0.9, 0.9], 200).map(({ frame }) => frame)).toEqual([5]);
  });

  test('up and down in turns, whatever the noise', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (values) => {
        const directions = crossings(values, 0).map((event) => (event.kind === 'crossed' ? event.direction : ''));
        expect(directions).toEqual(directions.map((_, i) => (i % 2 === 0 ? 'up' : 'down')));
      }),
    );
  });
});

function longestRun(values: readonly number[]): number {
  let longest = 0;
  let run = 0;
  for (const [i, value] of values.entries()) {
    run = value === values[i - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}
