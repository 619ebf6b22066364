import type { ReportData } from './data.ts';
import { byteSize, grouped } from './format.ts';
import { html, type Markup } from './html.ts';

/** What the model was made from, and how. */
export function provenance(data: ReportData): Markup {
  const { metadata, network, target, parameters, foldedLayers, maxAbsError, bytes, warnings, ms } = data;
  const { preprocessing, source } = metadata;
  const { input, inputSize, resize, interpolation, channels, mean, std, scale } = preprocessing;
  const rows: readonly (readonly [string, string | Markup])[] = [
    ['Network', network],
    ...(target === undefined ? [] : [['Made for', target] as const]),
    ['Parameters', grouped(parameters)],
    [
      'Folded',
      `${foldedLayers} batch norms; FP32 logits within ${maxAbsError.toExponential(1)} of the network as trained`,
    ],
    ['Source', `${source.file}, ${source.format}, ${byteSize(bytes.weights)}`],
    ['SHA-256', html`<code class="hash">${source.sha256}</code>`],
    [
      'Input',
      `${input === 'raw' ? 'raw RGB bytes' : 'normalised float32'}, ${inputSize} x ${inputSize} cut from ${resize}, ${interpolation}`,
    ],
    ['Normalised', `(pixel / ${scale} - mean) / std in ${channels}, mean ${mean.join(', ')}, std ${std.join(', ')}`],
    ...(metadata.licence === undefined ? [] : [['Licence', metadata.licence] as const]),
    ['Tool', metadata.tool],
    ['Took', `${(ms / 1000).toFixed(1)} s`],
    ...warnings.map((warning) => ['Warning', warning] as const),
  ];
  return html`<section aria-labelledby="provenance">
<h2 id="provenance">Where it comes from</h2>
<dl class="facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</section>`;
}
