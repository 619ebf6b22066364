import { type PickleGlobal, type PickleStorage, type PickleValue } from './pickle-values.ts';
/** The global `module.name` if a state dict needs it; throws `input`, naming it, for everything else. */
export declare function allowGlobal(module: string, name: string): PickleGlobal;
/** The result of calling an allowed global with these arguments. */
export declare function callGlobal({ name }: PickleGlobal, args: readonly PickleValue[]): PickleValue;
/**
 * The storage that a persistent id stands for: `('storage', type, key, location, count[, view])`, where a view is None or
 * `(key, first, count)`.
 */
export declare function openStorage(id: PickleValue | undefined): PickleStorage;
