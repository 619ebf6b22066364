import { describe, expect, it } from 'vitest';
import { sessionsFor } from '../../../../src/node/model/sessions-for.ts';

const cpu = { provider: 'cpu', backend: 'onnxruntime-node', memoryBudgetMb: 1024 } as const;
const folder = { threads: 4, pictures: 1000, bytes: 12 * 2 ** 20 };

describe('sessionsFor', () => {
  it('gives every thread a session of its own for many pictures, and all threads to one for few', () => {
    expect(sessionsFor(cpu, folder)).toBe(4);
    expect(sessionsFor(cpu, { ...folder, pictures: 63 })).toBe(1);
    expect(sessionsFor(cpu, { ...folder, threads: 1 })).toBe(1);
    expect(sessionsFor(cpu, { ...folder, threads: 0 })).toBeGreaterThanOrEqual(1);
  });

  it('gives as many as the memory budget holds, and always one', () => {
    expect(sessionsFor({ ...cpu, memoryBudgetMb: 200 }, folder)).toBe(2);
    expect(sessionsFor({ ...cpu, memoryBudgetMb: 20 }, folder)).toBe(1);
  });

  it('gives one on other providers, which share their own threads', () => {
    expect(sessionsFor({ ...cpu, provider: 'cuda' }, folder)).toBe(1);
    expect(sessionsFor({ ...cpu, provider: 'wasm', backend: 'onnxruntime-web' }, folder)).toBe(1);
  });
});
