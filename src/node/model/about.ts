import { ResedgeError } from '../../errors.ts';

/** Does `action`; an error of this project comes back with its message prefixed by the file it is about. */
export function about<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw prefixed(path, error);
  }
}

/** {@link about} for what takes its time. */
export async function aboutAsync<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw prefixed(path, error);
  }
}

function prefixed(path: string, error: unknown): unknown {
  if (!(error instanceof ResedgeError)) return error;
  return new ResedgeError(error.code, `${path}: ${error.message}`, { cause: error });
}
