import { ResedgeError } from '../../errors.ts';
import type { TaughtClass } from '../teacher.ts';

/** Classes that are being taught, in the order in which they were added. */
export type Lesson = readonly TaughtClass[];

const MAX_CLASSES = 100;
/** Of one class; their features are held in memory. */
const MAX_EXAMPLES = 1000;
/** A class of one example can be learnt by heart and not judged. */
const LEAST_EXAMPLES = 2;

/** The lesson with a class more. Throws `input` for a name that is blank or differs by case alone from another's, `limit` past 100 classes. */
export function withClass(lesson: Lesson, text: string): Lesson {
  const name = text.trim().replaceAll(/\s+/g, ' ');
  if (name === '') throw new ResedgeError('input', 'expected the name of a class: type one');
  const twin = lesson.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (twin !== undefined)
    throw new ResedgeError('input', `expected a new name, there is ${twin.name} already: take another`);
  if (lesson.length >= MAX_CLASSES) throw new ResedgeError('limit', `expected at most ${MAX_CLASSES} classes`);
  return [...lesson, { name, rows: [] }];
}

/** Throws `limit` past 1000 examples of a class. */
export function withExample(lesson: Lesson, name: string, row: Float32Array): Lesson {
  return lesson.map((one) => {
    if (one.name !== name) return one;
    if (one.rows.length >= MAX_EXAMPLES)
      throw new ResedgeError('limit', `${name}: expected at most ${MAX_EXAMPLES} examples`);
    return { name, rows: [...one.rows, row] };
  });
}

export function withoutClass(lesson: Lesson, name: string): Lesson {
  return lesson.filter((one) => one.name !== name);
}

/** Throws `input` for a lesson that nothing can be learnt from. */
export function expectTeachable(lesson: Lesson): void {
  const [first, second] = lesson;
  if (first === undefined || second === undefined) {
    const found = first === undefined ? 'there is none: add two' : `there is ${first.name} alone: add another`;
    throw new ResedgeError('input', `expected at least two classes to tell apart, ${found}`);
  }
  const poor = lesson.find(({ rows }) => rows.length < LEAST_EXAMPLES);
  if (poor !== undefined)
    throw new ResedgeError(
      'input',
      `${poor.name}: expected at least ${LEAST_EXAMPLES} examples, it has ${poor.rows.length || 'none'}: record more`,
    );
}

/** How many examples there are, in words. */
export function exampleCount({ rows }: TaughtClass): string {
  return rows.length === 1 ? '1 example' : `${rows.length} examples`;
}
