import { ResedgeError } from '../../errors.ts';

/** Does `action`; an error of this project comes back with its message prefixed by the file it is about. */
export function about<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ResedgeError)) throw error;
    throw new ResedgeError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
