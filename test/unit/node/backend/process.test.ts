import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { goldenPath } from '../../../suite/fixtures.ts';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Runs forgetful.ts in a process of its own and reads what it prints. A process that does not end is killed, which rejects. */
async function runForgetful(flags: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<unknown> {
  const args = [...flags, '--import', 'tsx', here('forgetful.ts'), goldenPath('float-conv.onnx')];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 15_000, env });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('a process that forgets its session', () => {
  it('lives until the run under way is done, then ends', async () => {
    expect(await runForgetful([])).toEqual({
      choice: { provider: 'cpu', backend: 'onnxruntime-node', skipped: [] },
      outputs: ['logits', 'pool'],
    });
  });

  it('runs on WASM where onnxruntime-node is not installed, and says how to get it', async () => {
    expect(await runForgetful(['--require', here('hide-native.cjs')])).toEqual({
      choice: {
        provider: 'wasm',
        backend: 'onnxruntime-web',
        skipped: [
          {
            provider: 'cpu',
            backend: 'onnxruntime-node',
            reason: expect.stringContaining('ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node'),
          },
        ],
      },
      outputs: ['logits', 'pool'],
    });
  });

  it("leaves no trace of ONNX Runtime's usage reports", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'resedge-process-'));
    const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
    await runForgetful([], { ...env, TMPDIR: folder });
    const left = readdirSync(folder).filter((name) => !name.startsWith('tsx-'));
    rmSync(folder, { recursive: true });
    expect(left).toEqual([]);
  });
});
