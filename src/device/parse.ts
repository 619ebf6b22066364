import { z } from 'zod';
import { ResedgeError } from '../errors.ts';
import { SCHEME_NAMES } from '../tensor/quantization.ts';
import {
  ACCELERATORS,
  BACKENDS,
  CAMERA_SOURCES,
  PLATFORMS,
  PRECISIONS,
  PROVIDERS,
  type StoredProfile,
  WEB_APIS,
} from './profile.ts';

const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const ID_IN_WORDS = 'lower-case words joined by hyphens';
const MAX_THREADS = 256;
const MAX_BUDGET_MB = 2 ** 20;
const MAX_FRAME_SIDE = 16_384;
const MAX_FPS = 1000;
/** Longest value that an error repeats. */
const MAX_SHOWN = 60;

const text = z.string().min(1).max(500);
const side = z.int().min(1).max(MAX_FRAME_SIDE);
const scheme = z.enum(SCHEME_NAMES);
const precision = z.enum(PRECISIONS);

const choice = z.strictObject({
  provider: z.enum(PROVIDERS),
  backend: z.enum(BACKENDS),
  precision,
  scheme: scheme.optional(),
  options: z.record(text, z.union([text, z.number(), z.boolean()])).optional(),
});

/** The shape of a profile file; `devices/schema.json` is its JSON Schema. */
const storedProfile = z
  .strictObject({
    $schema: z.string().optional(),
    id: z.string().regex(ID, ID_IN_WORDS),
    name: text.optional(),
    extends: z.string().regex(ID, 'the id of a bundled profile').optional(),
    detect: z
      .strictObject({
        arch: z.enum(['x64', 'arm64']).optional(),
        platform: z.enum(PLATFORMS).optional(),
        deviceTree: z.array(text).min(1).optional(),
        cpuFeatures: z.array(text).min(1).optional(),
        accelerators: z.array(z.enum(ACCELERATORS)).min(1).optional(),
        web: z.enum(WEB_APIS).optional(),
      })
      .optional(),
    providers: z.array(choice).min(1).optional(),
    precision: precision.optional(),
    scheme: scheme.optional(),
    threads: z.int().min(0).max(MAX_THREADS).optional(),
    spinning: z.boolean().optional(),
    memoryBudgetMb: z.int().min(1).max(MAX_BUDGET_MB).optional(),
    camera: z
      .strictObject({
        source: z.enum(CAMERA_SOURCES),
        width: side,
        height: side,
        fps: z.int().min(1).max(MAX_FPS),
      })
      .optional(),
    notes: z.array(text).optional(),
    verified: z.strictObject({ how: z.enum(['run', 'emulated', 'not run']), what: text, where: text }).optional(),
  })
  .meta({ title: 'resedge device profile' });

/** The JSON Schema of a profile file. */
export function profileJsonSchema(): unknown {
  return z.toJSONSchema(storedProfile);
}

/**
 * Reads a profile from its file's text: an id is enough, the rest may come from the profile that it extends. `where` names the file in
 * errors. Throws code `input` with the first fault and its place in the file.
 */
export function parseProfile(json: string, where: string): StoredProfile {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ResedgeError('input', `${where}: expected a device profile as JSON, ${reason}: mend the file`, {
      cause: error,
    });
  }
  const parsed = storedProfile.safeParse(value);
  if (!parsed.success) throw faultOf(parsed.error.issues[0]!, value, where);
  const { $schema: _, name, detect, verified, ...rest } = parsed.data;
  return {
    ...rest,
    name: name ?? rest.id,
    detect: detect ?? {},
    verified: verified ?? { how: 'not run', what: 'a profile of your own', where },
  };
}

function faultOf(issue: z.core.$ZodIssue, value: unknown, where: string): ResedgeError {
  const at = issue.path.join('.') || 'its top';
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `"${key}"`).join(', ');
    const spelling = 'mind the spelling, devices/schema.json has all keys';
    return new ResedgeError(
      'input',
      `${where}: expected the keys of a device profile at ${at}, found ${keys}: ${spelling}`,
    );
  }
  const came = shown(valueAt(value, issue.path));
  const what = issue.message.replace(/^(Invalid|Too)[^:]*: (expected )?/, '').replace(/, received .*$/, '');
  return new ResedgeError('input', `${where}: expected ${what} at ${at}, received ${came}: see devices/schema.json`);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (at: unknown, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
}
