import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores, child processes in many suites: more workers only slow each other down.
    maxWorkers: 2,
    pool: 'forks',
  },
});
