import { tfliteBytes } from './sources.ts';

/** Where things stand in a TFLite file, by the numbers of the schema; all positions are bytes from the file's start. */
export type Places = {
  /** Position of a field of a table; 0 where it is left out. */
  readonly field: (table: number, number: number) => number;
  /** What an offset points to. */
  readonly target: (at: number) => number;
  /** Position of an element of the vector that a field points to. */
  readonly element: (table: number, number: number, index: number) => number;
  readonly root: number;
  readonly graph: number;
  readonly operator: (index: number) => number;
  readonly code: (index: number) => number;
  readonly tensor: (index: number) => number;
  /** Place of the first tensor of an operator's inputs or outputs. */
  readonly operand: (operator: number, number: 1 | 2, index: number) => number;
};

function placesIn(view: DataView): Places {
  const target = (at: number): number => at + view.getUint32(at, true);
  const field = (table: number, number: number): number => {
    const fields = table - view.getInt32(table, true);
    const given = 4 + 2 * number < view.getUint16(fields, true) ? view.getUint16(fields + 4 + 2 * number, true) : 0;
    return given === 0 ? 0 : table + given;
  };
  const element = (table: number, number: number, index: number): number =>
    target(field(table, number)) + 4 + 4 * index;
  const root = target(0);
  const graph = target(element(root, 2, 0));
  const operator = (index: number): number => target(element(graph, 3, index));
  return {
    ...{ field, target, element, root, graph, operator },
    code: (index) => target(element(root, 1, index)),
    tensor: (index) => target(element(graph, 0, index)),
    operand: (index, number, place) => view.getInt32(element(operator(index), number, place), true),
  };
}

/** A fixture with some of its bytes edited. */
export function patched(name: string, edit: (view: DataView, places: Places) => void): Uint8Array {
  const bytes = tfliteBytes(name);
  const view = new DataView(bytes.buffer);
  edit(view, placesIn(view));
  return bytes;
}

/** A fixture whose offset at a place points to bytes that are put behind the file. */
export function extended(
  name: string,
  place: (places: Places) => number,
  added: readonly number[],
  start: number,
): Uint8Array {
  const bytes = tfliteBytes(name);
  const end = Math.ceil(bytes.length / 8) * 8;
  const whole = new Uint8Array(end + added.length);
  whole.set(bytes);
  whole.set(added, end);
  const view = new DataView(whole.buffer);
  const at = place(placesIn(view));
  view.setUint32(at, end + start - at, true);
  return whole;
}
