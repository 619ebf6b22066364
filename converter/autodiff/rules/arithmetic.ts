import type { Place, Rule } from '../site.ts';
import { product, unbroadcast } from './elements.ts';

type Arithmetic = 'Add' | 'Sub' | 'Mul' | 'Div';

/** The gradients of both inputs as they are needed, each summed over what was broadcast. */
function both(site: Place, left: () => string, right: () => string): readonly (string | undefined)[] {
  return [left, right].map((gradient, index) =>
    site.needs(index) ? unbroadcast(site.emit, gradient(), site.outputDims, site.dims(index)) : undefined,
  );
}

export const arithmetic: { readonly [K in Arithmetic]: Rule<K> } = {
  Add: (site, gradient) =>
    both(
      site,
      () => gradient,
      () => gradient,
    ),
  Sub: (site, gradient) =>
    both(
      site,
      () => gradient,
      () => site.emit.add('Neg', [gradient]),
    ),
  Mul: (site, gradient) =>
    both(
      site,
      () => product(site.emit, gradient, site.input(1)),
      () => product(site.emit, gradient, site.input(0)),
    ),
  Div: (site, gradient) =>
    both(
      site,
      () => site.emit.add('Div', [gradient, site.input(1)]),
      () => {
        const { emit } = site;
        return emit.add('Neg', [emit.add('Div', [product(emit, gradient, site.output), site.input(1)])]);
      },
    ),
};
