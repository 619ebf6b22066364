import { setText } from './bars.ts';
import { make } from './element.ts';

/** Names with their values, in a description list. */
export function showFacts(list: HTMLDListElement, facts: readonly (readonly [name: string, value: string])[]): void {
  list.replaceChildren(...facts.flatMap(([name, value]) => [make('dt', '', name), make('dd', '', value)]));
}

export type Tile = { readonly name: string; readonly value: string; readonly note: string };

/** Figures as tiles, whose elements are kept from one time to the next. */
export function showTiles(list: HTMLDListElement, tiles: readonly Tile[]): void {
  while (list.children.length > tiles.length) list.lastElementChild?.remove();
  while (list.children.length < tiles.length)
    list.append(make('div', '', make('dt', ''), make('dd', ''), make('dd', 'note')));
  for (const [i, { name, value, note }] of tiles.entries()) {
    const parts = list.children[i]!.children as unknown as readonly HTMLElement[];
    for (const [at, text] of [name, value, note].entries()) setText(parts[at]!, text);
  }
}
