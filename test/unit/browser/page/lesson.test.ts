import { expect, test } from 'vitest';
import {
  exampleCount,
  expectTeachable,
  type Lesson,
  withClass,
  withExample,
  withoutClass,
} from '../../../../src/browser/page/lesson.ts';

const ROW = Float32Array.of(1, 2);
const lessonOf = (...counts: readonly number[]): Lesson =>
  counts.map((count, i) => ({ name: `class ${i}`, rows: new Array<Float32Array>(count).fill(ROW) }));

test('classes are added by distinct names, and removed', () => {
  const lesson = withClass(withClass([], '  coffee \t cup '), 'pen');
  expect(lesson.map(({ name }) => name)).toEqual(['coffee cup', 'pen']);
  expect(() => withClass(lesson, ' PEN')).toThrow('expected a new name, there is pen already: take another');
  expect(() => withClass(lesson, '  ')).toThrow('expected the name of a class: type one');
  expect(withoutClass(lesson, 'coffee cup')).toEqual([{ name: 'pen', rows: [] }]);
  expect(() => withClass(lessonOf(...new Array<number>(100).fill(0)), 'more')).toThrow('at most 100 classes');
});

test('examples are added to their class alone, up to a limit', () => {
  const lesson = withExample(lessonOf(0, 1), 'class 1', ROW);
  expect(lesson.map(exampleCount)).toEqual(['0 examples', '2 examples']);
  expect(exampleCount({ name: '', rows: [ROW] })).toBe('1 example');
  expect(() => withExample(lessonOf(1000), 'class 0', ROW)).toThrow('class 0: expected at most 1000 examples');
});

test.each([
  [lessonOf(), 'expected at least two classes to tell apart, there is none: add two'],
  [lessonOf(9), 'expected at least two classes to tell apart, there is class 0 alone: add another'],
  [lessonOf(2, 1), 'class 1: expected at least 2 examples, it has 1: record more'],
  [lessonOf(0, 2), 'class 0: expected at least 2 examples, it has none: record more'],
])('nothing can be learnt from too little: %#', (lesson, message) => {
  expect(() => expectTeachable(lesson)).toThrow(message);
});

test('two examples of each of two classes do', () => {
  expect(() => expectTeachable(lessonOf(2, 2))).not.toThrow();
});
