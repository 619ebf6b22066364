import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,suite,runtime}/**/*.test.ts'],
    testTimeout: 20_000,
  },
});
