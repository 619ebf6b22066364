import { setText } from './bars.ts';
import { element } from './element.ts';

const main = document.querySelector('main')!;
const status = element('status', HTMLElement);

export type State = 'loading' | 'ready' | 'watching' | 'failed';

export function showState(state: State): void {
  main.dataset['state'] = state;
}

/** A line of what is going on; none hides it. */
export function showStatus(text: string, bad = false): void {
  status.classList.toggle('bad', bad);
  setText(status, text);
  status.hidden = text === '';
  // On a phone the button that was pressed may stand far below.
  if (bad) status.scrollIntoView({ block: 'nearest' });
}
