import { defineConfig } from 'vitest/config';

/** Comparisons with other programs and processors, and commands that take long; `test/peers/setup.sh` installs what they need. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts', 'test/runtime/long/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
