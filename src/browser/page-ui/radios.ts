import { make } from './element.ts';

export type RadioChoice<T> = { readonly value: T; readonly text: string };

/** Fills a fieldset with radio buttons, one of which is chosen; it is hidden where there is nothing to choose. */
export function showRadios<T>(
  fieldset: HTMLFieldSetElement,
  choices: readonly RadioChoice<T>[],
  chosen: T,
  choose: (value: T) => void,
): void {
  const labels = choices.map(({ value, text }) => {
    const input = make('input', '');
    input.type = 'radio';
    input.name = fieldset.id;
    input.checked = value === chosen;
    input.addEventListener('change', () => choose(value));
    return make('label', '', input, text);
  });
  const before = [...fieldset.querySelectorAll<Element>('input')].indexOf(document.activeElement ?? fieldset);
  fieldset.querySelector('.choices')?.replaceChildren(...labels);
  fieldset.querySelectorAll('input')[before]?.focus();
  fieldset.hidden = choices.length < 2;
}
