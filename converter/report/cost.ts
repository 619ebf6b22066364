import type { ReportData, Times } from './data.ts';
import { byteSize, milliseconds, times } from './format.ts';
import { html, type Markup } from './html.ts';
import { headings, table } from './table.ts';

/** Size and, where it was measured, latency of both models. */
export function cost({ bytes, latency, metadata }: ReportData): Markup {
  const reference = bytes.float === undefined ? metadata.source.file : 'FP32';
  return html`<section aria-labelledby="cost">
<h2 id="cost">Size and latency</h2>
${latency ? html`<p>Inference alone, one picture at a time, measured on ${latency.where}. Other machines differ: measure with <code>resedge bench</code>.</p>` : undefined}
${costTable({
  caption: `INT8 against ${reference}`,
  head: [reference, 'INT8', 'Gain'],
  before: { bytes: bytes.float ?? bytes.weights, ...(latency ? { ms: latency.float } : {}) },
  after: { bytes: bytes.int8, ...(latency ? { ms: latency.int8 } : {}) },
  ratio: (before, after) => before / after,
})}
</section>`;
}

type Cost = { readonly bytes: number; readonly ms?: Times };

/** Two files beside each other. */
export function costTable(options: {
  readonly caption: string;
  /** Above the two files, and above what `ratio` makes of them. */
  readonly head: readonly [string, string, string];
  readonly before: Cost;
  readonly after: Cost;
  readonly ratio: (before: number, after: number) => number;
}): Markup {
  const { caption, head, before, after, ratio } = options;
  const row = (name: string, from: number, to: number, text: (value: number) => string): Markup =>
    html`<tr><th scope="row">${name}</th><td>${text(from)}</td><td>${text(to)}</td><td>${times(ratio(from, to))}</td></tr>`;
  const latency = (['p50', 'p90'] as const).flatMap((name) =>
    before.ms && after.ms ? [row(`One inference, ${name}`, before.ms[name], after.ms[name], milliseconds)] : [],
  );
  const rows = [row('File', before.bytes, after.bytes, byteSize), ...latency];
  return table({ caption, kind: 'cost', head: headings(['', ...head]), rows });
}
