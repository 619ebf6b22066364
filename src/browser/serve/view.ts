import type { Guess } from '../../runtime/answer.ts';
import { setText, showBars } from '../page-ui/bars.ts';
import { element } from '../page-ui/element.ts';

const main = document.querySelector('main')!;

type Side = { readonly name: HTMLElement; readonly label: HTMLElement; readonly bars: HTMLOListElement };

/** The elements that the page's code fills. */
type Ui = {
  readonly device: HTMLElement;
  readonly network: HTMLElement;
  readonly view: HTMLElement;
  readonly hint: HTMLElement;
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
  readonly status: HTMLElement;
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
  hint: element('hint', HTMLElement),
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
  status: element('status', HTMLElement),
  card: element('card', HTMLDListElement),
};

export type State = 'loading' | 'ready' | 'watching' | 'failed';

export function showState(state: State): void {
  main.dataset['state'] = state;
}

/** A line of what is going on; none hides it. */
export function showStatus(text: string, bad = false): void {
  ui.status.classList.toggle('bad', bad);
  setText(ui.status, text.charAt(0).toUpperCase() + text.slice(1));
  ui.status.hidden = text === '';
}

/** One model's answer; `label` is null where nothing is likely enough. */
export function showAnswer(which: 0 | 1, label: string | null, top: readonly Guess[], instead = 'unknown'): void {
  const { label: line, bars } = ui.sides[which];
  setText(line, label ?? instead);
  line.classList.toggle('none', label === null);
  showBars(bars, top);
}

/** A picture by its address, which is given back once another one takes its place; undefined shows none. */
export function showPicture(address: string | undefined, alt: string): void {
  const { shown } = ui;
  if (shown.src.startsWith('blob:')) URL.revokeObjectURL(shown.src);
  shown.hidden = address === undefined;
  shown.alt = alt;
  if (address === undefined) shown.removeAttribute('src');
  else shown.src = address;
}
