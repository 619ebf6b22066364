import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // One less than the cores is the default: half of a machine with two.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'rooms',
          include: ['test/{unit,suite}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'commands',
          include: ['test/runtime/node/**/*.test.ts'],
          globalSetup: ['test/runtime/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
