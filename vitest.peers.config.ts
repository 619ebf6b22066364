import { defineConfig } from 'vitest/config';

/** Comparisons with other programs and processors; `test/peers/setup.sh` installs what they need. */
export default defineConfig({
  test: {
    include: ['test/peers/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
