import { z } from 'zod';
import { ResedgeError } from '../errors.ts';
import { SCHEME_NAMES } from '../tensor/quantization.ts';
import { BACKENDS, PRECISIONS, PROVIDERS, type StoredProfile } from './profile.ts';

const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const MAX_THREADS = 256;
const MAX_FRAME_SIDE = 16_384;
const MAX_FPS = 1000;

const text = z.string().min(1).max(500);
const side = z.int().min(1).max(MAX_FRAME_SIDE);

/** The shape of a profile file; `devices/schema.json` is its JSON Schema. */
const storedProfile = z
  .strictObject({
    $schema: z.string().optional(),
    id: z.string().regex(ID),
    name: text,
    extends: z.string().regex(ID).optional(),
    detect: z.strictObject({
      arch: z.enum(['x64', 'arm64']).optional(),
      deviceTree: z.array(text).min(1).optional(),
      cpuFeatures: z.array(text).min(1).optional(),
    }),
    providers: z
      .array(z.strictObject({ provider: z.enum(PROVIDERS), backend: z.enum(BACKENDS) }))
      .min(1)
      .optional(),
    scheme: z.enum(SCHEME_NAMES).optional(),
    precision: z.enum(PRECISIONS).optional(),
    threads: z.int().min(0).max(MAX_THREADS).optional(),
    spinning: z.boolean().optional(),
    camera: z
      .strictObject({
        source: z.enum(['v4l2', 'rpicam', 'nvargus']),
        width: side,
        height: side,
        fps: z.int().min(1).max(MAX_FPS),
      })
      .optional(),
    verified: z.strictObject({ how: z.enum(['run', 'emulated', 'not run']), what: text, where: text }),
  })
  .meta({ title: 'resedge device profile' });

/** The JSON Schema of a profile file. */
export function profileJsonSchema(): unknown {
  return z.toJSONSchema(storedProfile);
}

/** Reads a profile from its file's text. `where` names the file in errors. Throws code `input` with the first fault. */
export function parseProfile(json: string, where: string): StoredProfile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new ResedgeError('input', `expected JSON in ${where}, ${String(error)}: mend the file`, { cause: error });
  }
  const parsed = storedProfile.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new ResedgeError(
      'input',
      `expected a device profile in ${where}, at ${path.join('.') || 'its top'}: ${message}: see devices/schema.json`,
    );
  }
  const { $schema: _, ...profile } = parsed.data;
  return profile;
}
