import { expect, test } from 'vitest';
import { ResedgeError } from '../../src/errors.ts';

test('a message is one line that fits a screen, whatever names a file brings along', () => {
  const name = 'x'.repeat(1e6);
  const { message } = new ResedgeError('input', `expected a\nlayer, received ${name}: save the model again`);
  expect(message).toMatch(/^expected a\?layer, received x+ \.\.\. x+: save the model again$/);
  expect(message.length).toBeLessThan(2100);
});
