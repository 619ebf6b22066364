import { createModelRunner } from 'resedge';
import { convert, parseTable, readNetwork, schemeNamed } from 'resedge/converter';

export type Wanted = {
  readonly weights: string;
  readonly table: string;
  readonly wasmPaths: string;
  /** What the command line would write into the model. */
  readonly preprocessing: Parameters<typeof convert>[1]['preprocessing'];
  readonly labels: readonly string[];
  readonly file: string;
  readonly producer: { readonly name: string; readonly version: string };
};

export type Converted = {
  readonly sha256: string;
  readonly bytes: number;
  readonly maxAbsError: number;
  readonly foldedLayers: number;
  readonly sqnrDb: number;
};

/** Converts weights to INT8 with a calibration table, without corrections, in this page. */
export async function conversion({ weights, table, wasmPaths, file, ...about }: Wanted): Promise<Converted> {
  const bytes = new Uint8Array(await (await fetch(weights)).arrayBuffer());
  const { statistics } = parseTable(await (await fetch(table)).text());
  const { model, maxAbsError, foldedLayers, int8 } = await convert(
    readNetwork(bytes, 'auto'),
    {
      ...about,
      source: { file, sha256: await sha256Of(bytes) },
      int8: {
        recipe: { scheme: schemeNamed('u8s8-safe'), method: 'auto', corrections: [] },
        calibration: { kind: 'table', statistics },
      },
    },
    createModelRunner({ wasmPaths }),
  );
  const blob = new Blob([...model] as Uint8Array<ArrayBuffer>[]);
  const written = new Uint8Array(await blob.arrayBuffer());
  return {
    sha256: await sha256Of(written),
    bytes: written.length,
    maxAbsError,
    foldedLayers,
    sqnrDb: int8?.judgement.sqnrDb ?? Number.NaN,
  };
}

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
