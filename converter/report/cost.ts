import type { ReportData } from './data.ts';
import { byteSize, milliseconds, times } from './format.ts';
import { html, type Markup } from './html.ts';
import { headings, table } from './table.ts';

/** Size and, where it was measured, latency of both models. */
export function cost({ bytes, latency, metadata }: ReportData): Markup {
  const before = bytes.float ?? bytes.weights;
  const rows = [
    { name: 'File', before: byteSize(before), after: byteSize(bytes.int8), ratio: before / bytes.int8 },
    ...(latency
      ? (['p50', 'p90'] as const).map((name) => ({
          name: `One inference, ${name}`,
          before: milliseconds(latency.float[name]),
          after: milliseconds(latency.int8[name]),
          ratio: latency.float[name] / latency.int8[name],
        }))
      : []),
  ];
  const reference = bytes.float === undefined ? metadata.source.file : 'FP32';
  return html`<section aria-labelledby="cost">
<h2 id="cost">Size and latency</h2>
${latency ? html`<p>Inference alone, one picture at a time, measured on ${latency.where}. Other machines differ: measure with <code>resedge bench</code>.</p>` : undefined}
${table({
  caption: `INT8 against ${reference}`,
  kind: 'cost',
  head: headings(['', reference, 'INT8', 'Gain']),
  rows: rows.map(
    (row) =>
      html`<tr><th scope="row">${row.name}</th><td>${row.before}</td><td>${row.after}</td><td>${times(row.ratio)}</td></tr>`,
  ),
})}
</section>`;
}
