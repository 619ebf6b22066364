import { html, type Markup } from './html.ts';

export type Table = {
  readonly caption: string;
  readonly kind?: string;
  /** Cells of the heading row. */
  readonly head: Markup;
  readonly rows: readonly Markup[];
};

/** A table that scrolls by itself where the page is too narrow for it, by keyboard too. */
export function table({ caption, kind = '', head, rows }: Table): Markup {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
<table class="${kind}">
<caption>${caption}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${rows}
</tbody>
</table>
</div>`;
}

/** A heading cell for each name; an empty one heads a column that speaks for itself. */
export function headings(names: readonly string[]): Markup {
  return html`${names.map((name) => (name === '' ? html`<td></td>` : html`<th scope="col">${name}</th>`))}`;
}

/** A colour of a drawing and what it stands for. */
export function key(kind: string, text: string | Markup): Markup {
  return html`<span class="item"><span class="key ${kind}"></span>${text}</span>`;
}
