import type { AnswerPlace } from '../page-ui/answer.ts';
import { element } from '../page-ui/element.ts';
import { showStatus as showLine } from '../page-ui/state.ts';

type Side = AnswerPlace & { readonly name: HTMLElement };

/** The elements that the page's code fills. */
type Ui = {
  readonly device: HTMLElement;
  readonly network: HTMLElement;
  readonly view: HTMLElement;
  readonly shown: HTMLImageElement;
  readonly camera: HTMLButtonElement;
  readonly own: HTMLButtonElement;
  readonly file: HTMLInputElement;
  readonly second: HTMLElement;
  readonly sides: readonly [Side, Side];
  readonly figures: HTMLDListElement;
  readonly times: HTMLElement;
  readonly caption: HTMLElement;
  readonly histogram: SVGSVGElement;
  readonly to: HTMLElement;
  readonly models: HTMLFieldSetElement;
  readonly compare: HTMLFieldSetElement;
  readonly providers: HTMLFieldSetElement;
  readonly card: HTMLDListElement;
};

const side = (name: string): Side => ({
  name: element(`${name}-name`, HTMLElement),
  label: element(`${name}-label`, HTMLElement),
  bars: element(`${name}-bars`, HTMLOListElement),
});

export const ui: Ui = {
  device: element('device', HTMLElement),
  network: element('network', HTMLElement),
  view: element('view', HTMLElement),
  shown: element('shown', HTMLImageElement),
  camera: element('camera', HTMLButtonElement),
  own: element('own', HTMLButtonElement),
  file: element('file', HTMLInputElement),
  second: element('second', HTMLElement),
  sides: [side('first'), side('second')],
  figures: element('figures', HTMLDListElement),
  times: element('times', HTMLElement),
  caption: element('times-caption', HTMLElement),
  histogram: document.querySelector('svg')!,
  to: element('times-to', HTMLElement),
  models: element('models', HTMLFieldSetElement),
  compare: element('compare', HTMLFieldSetElement),
  providers: element('providers', HTMLFieldSetElement),
  card: element('card', HTMLDListElement),
};

/** A line of what is going on; none hides it. The server's own begin with a small letter. */
export function showStatus(text: string, bad = false): void {
  showLine(text.charAt(0).toUpperCase() + text.slice(1), bad);
}

/** A picture by its address, which is given back once another one takes its place. */
export function showPicture(address: string, alt: string): void {
  const { shown } = ui;
  if (shown.src.startsWith('blob:')) URL.revokeObjectURL(shown.src);
  shown.src = address;
  shown.alt = alt;
  shown.hidden = false;
}
