import { ResedgeError } from '../../errors.ts';
import type { CameraEvent } from '../../pipeline/answers/events.ts';

/** Longest topic of MQTT, in bytes of UTF-8. */
const MAX_TOPIC_BYTES = 65_535;

export type Topic = {
  readonly of: (event: CameraEvent) => string;
  /** Where `online` and `offline` stand: beside the topics of events. */
  readonly status: string;
};

/**
 * Reads a template of topics in which {host}, {kind} and {label} are filled in; what MQTT gives a meaning to in a label (`/`, `+`, `#`)
 * becomes `_`. Throws `usage`.
 */
export function parseTopic(template: string, host: string): Topic {
  const refuse = (why: string): never => {
    throw new ResedgeError(
      'usage',
      `--topic: expected a topic such as resedge/{host}/{kind}, received ${template}: ${why}`,
    );
  };
  if (template === '' || template.startsWith('$')) refuse('a topic neither is empty nor starts with $');
  if (/[+#\0]/.test(template)) refuse('messages go to one topic, without + or #');
  if (Buffer.byteLength(template) > MAX_TOPIC_BYTES / 2) refuse('it is too long');
  const unknown = template.match(/\{[^}]*\}?/g)?.find((name) => !['{host}', '{kind}', '{label}'].includes(name));
  if (unknown !== undefined) refuse(`${unknown} is none of {host}, {kind} and {label}`);
  const filled = template.replaceAll('{host}', () => level(host));
  const levels = filled.split('/');
  const first = levels.findIndex((name) => name.includes('{'));
  return {
    of: ({ kind, label }) => filled.replaceAll('{kind}', kind).replaceAll('{label}', () => level(label)),
    status: [...(first === -1 ? levels : levels.slice(0, first)), 'status'].join('/'),
  };
}

function level(text: string): string {
  return text.replaceAll(/[/+#\0]/g, '_').slice(0, 1000) || '_';
}
