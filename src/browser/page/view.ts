import { setText } from '../page-ui/bars.ts';
import { element, make } from '../page-ui/element.ts';

/** The elements that the page's code fills. */
type Ui = {
  readonly network: HTMLElement;
  readonly view: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly still: HTMLImageElement;
  readonly camera: HTMLButtonElement;
  readonly file: HTMLInputElement;
  readonly label: HTMLElement;
  readonly bars: HTMLOListElement;
  readonly figures: HTMLDListElement;
  readonly precisions: HTMLFieldSetElement;
  readonly unstarted: HTMLElement;
  readonly notes: HTMLUListElement;
  readonly card: HTMLDListElement;
  readonly modes: HTMLFieldSetElement;
  readonly answer: HTMLElement;
  readonly teach: HTMLElement;
  readonly classes: HTMLUListElement;
  readonly add: HTMLFormElement;
  readonly name: HTMLInputElement;
  readonly train: HTMLButtonElement;
  readonly download: HTMLButtonElement;
  readonly result: HTMLElement;
};

export const ui: Ui = {
  network: element('network', HTMLElement),
  view: element('view', HTMLElement),
  video: element('video', HTMLVideoElement),
  still: element('still', HTMLImageElement),
  camera: element('camera', HTMLButtonElement),
  file: element('file', HTMLInputElement),
  label: element('label', HTMLElement),
  bars: element('bars', HTMLOListElement),
  figures: element('figures', HTMLDListElement),
  precisions: element('precisions', HTMLFieldSetElement),
  unstarted: element('unstarted', HTMLElement),
  notes: element('notes', HTMLUListElement),
  card: element('card', HTMLDListElement),
  modes: element('modes', HTMLFieldSetElement),
  answer: element('answer', HTMLElement),
  teach: element('teach', HTMLElement),
  classes: element('classes', HTMLUListElement),
  add: element('add', HTMLFormElement),
  name: element('name', HTMLInputElement),
  train: element('train', HTMLButtonElement),
  download: element('download', HTMLButtonElement),
  result: element('result', HTMLElement),
};

export function showNotes(notes: readonly string[]): void {
  ui.notes.hidden = notes.length === 0;
  ui.notes.replaceChildren(...notes.map((note) => make('li', '', note)));
}

/** Shows the camera, a picture, or neither. */
export function showPicture(what: 'camera' | Blob | undefined): void {
  const { video, still } = ui;
  URL.revokeObjectURL(still.src);
  video.hidden = what !== 'camera';
  still.hidden = !(what instanceof Blob);
  if (what instanceof Blob) still.src = URL.createObjectURL(what);
  else still.removeAttribute('src');
  setText(ui.camera, what === 'camera' ? 'Stop camera' : 'Start camera');
}
