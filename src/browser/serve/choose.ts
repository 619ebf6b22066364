import type { LiveChoice, ProviderWish, Served, ServedModel } from '../../runtime/served.ts';
import { setText } from '../page-ui/bars.ts';
import { cardFacts } from '../page-ui/card.ts';
import { showFacts } from '../page-ui/facts.ts';
import { showRadios } from '../page-ui/radios.ts';
import { ui } from './view.ts';

/** Shows what runs and what else there is; `choose` is told what a person wants instead. */
export function showChoice({ models }: Served, choice: LiveChoice, choose: (choice: LiveChoice) => void): void {
  const model = models.find(({ name }) => name === choice.model) ?? models[0]!;
  const others = models.filter((other) => other !== model && sameLabels(other, model));
  showRadios(
    ui.models,
    models.map(({ name }) => ({ value: name, text: name })),
    model.name,
    (name) => choose(fitting(models, { ...choice, model: name })),
  );
  showRadios<string | null>(
    ui.compare,
    [{ value: null, text: 'none' }, ...others.map(({ name }) => ({ value: name, text: name }))],
    choice.compare,
    (compare) => choose({ ...choice, compare }),
  );
  showRadios<ProviderWish>(
    ui.providers,
    [{ value: 'auto', text: 'automatic' }, ...model.providers.map((name) => ({ value: name, text: name }))],
    choice.provider,
    (provider) => choose({ ...choice, provider }),
  );
  showFacts(ui.card, cardFacts(model, model.metadata));
  setText(ui.network, `What does ${model.metadata.arch} see?`);
  const second = models.find(({ name }) => name === choice.compare);
  ui.second.hidden = second === undefined;
  ui.sides[0].name.hidden = second === undefined;
  setText(ui.sides[0].name, titleOf(model));
  if (second !== undefined) setText(ui.sides[1].name, titleOf(second));
}

/** The choice without what the other model cannot do. */
function fitting(models: readonly ServedModel[], choice: LiveChoice): LiveChoice {
  const model = models.find(({ name }) => name === choice.model);
  const second = models.find(({ name }) => name === choice.compare);
  const keeps = model !== undefined && second !== undefined && model !== second && sameLabels(model, second);
  const runs = choice.provider === 'auto' || model?.providers.includes(choice.provider);
  return { ...choice, provider: runs ? choice.provider : 'auto', compare: keeps ? choice.compare : null };
}

function sameLabels(a: ServedModel, b: ServedModel): boolean {
  return a.metadata.labels.join('\n') === b.metadata.labels.join('\n');
}

function titleOf({ name, metadata }: ServedModel): string {
  return `${metadata.precision.toUpperCase()} \u00b7 ${name}`;
}
