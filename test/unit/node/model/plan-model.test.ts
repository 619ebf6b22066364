import { describe, expect, it } from 'vitest';
import { resolveProfile } from '../../../../src/device/resolve.ts';
import { bundledProfiles } from '../../../../src/node/device/bundled.ts';
import { passedOver, planModel } from '../../../../src/node/model/plan-model.ts';
import { readBoard } from '../../device/boards.ts';

const cuda = resolveProfile('x64-cuda', bundledProfiles());
const common = {
  path: 'm.onnx',
  bytes: 2 ** 20,
  profile: cuda,
  machine: readBoard('x64-cuda'),
  strict: false,
} as const;
const u8s8 = { precision: 'int8', scheme: 'u8s8-safe' } as const;

describe('planModel', () => {
  it('plans what can run the file, and says what was passed over on the way', () => {
    const { candidates, skipped } = planModel({ ...common, kind: u8s8 });
    expect(candidates.map(({ provider }) => provider)).toEqual(['cpu', 'wasm']);
    expect(passedOver(cuda, 'cpu', skipped).map(({ provider }) => provider)).toEqual(['tensorrt', 'cuda']);
    expect(passedOver(cuda, 'tensorrt', skipped)).toEqual([]);
  });

  it('refuses, if strict, a file that the first provider cannot run', () => {
    expect(() => planModel({ ...common, kind: u8s8, strict: true })).toThrow(
      /^m\.onnx: expected a file that the first provider of profile x64-cuda runs, tensorrt runs int8 of scheme s8s8, not u8s8-safe: /,
    );
    expect(planModel({ ...common, kind: { precision: 'fp16' }, strict: true }).candidates[0].provider).toBe('tensorrt');
  });

  it('refuses a file that no provider runs', () => {
    const profile = { ...cuda, providers: cuda.providers.filter(({ provider }) => provider === 'cuda') };
    expect(() => planModel({ ...common, profile, kind: u8s8 })).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message:
          'm.onnx: expected a file that a provider of profile x64-cuda runs, cuda runs fp16 and fp32, not int8: for it convert with --precision fp16',
      }),
    );
  });

  it('refuses a file larger than the memory budget, be it the profile or the machine that sets it', () => {
    const large = { ...common, kind: { precision: 'fp16' }, bytes: 600 * 2 ** 20 } as const;
    expect(planModel(large).candidates[0].memoryBudgetMb).toBe(8192);
    for (const [small, mb] of [
      [{ ...large, profile: { ...cuda, memoryBudgetMb: 100 } }, 100],
      [{ ...large, machine: readBoard('container-v2') }, 512],
    ] as const)
      expect(() => planModel(small)).toThrow(
        expect.objectContaining({
          code: 'input',
          message: expect.stringMatching(
            `^m\\.onnx: expected a model within the memory budget of ${mb} MB .* has 600 MB: `,
          ),
        }),
      );
  });
});
