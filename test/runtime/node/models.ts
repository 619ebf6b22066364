import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { CLASSES, succeed, TABLE, WEIGHTS } from './resedge.ts';

export type Models = { readonly fp32: string; readonly int8: string };

/** The bundled weights with their labels as FP32 and as INT8, converted before a file's tests and removed after them. */
export function bundledModels(): Models {
  const folder = mkdtempSync(join(tmpdir(), 'resedge-models-'));
  const models = { fp32: join(folder, 'fp32.onnx'), int8: join(folder, 'int8.onnx') };
  const labels = join(folder, 'labels.txt');
  beforeAll(async () => {
    writeFileSync(labels, CLASSES.join('\n'));
    const convert = ['convert', WEIGHTS, '--labels', labels];
    await succeed([...convert, '-o', models.fp32, '--precision', 'fp32']);
    await succeed([...convert, '-o', models.int8, '--calibrate', TABLE]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return models;
}
