import type { Session } from '../../runtime/types.ts';

/** Waits for a session that opens and for what is done meanwhile. If that fails, closes the session and throws that error. */
export async function whileOpening<S extends { readonly session: Session }, T>(
  opening: Promise<S>,
  meanwhile: Promise<T>,
): Promise<readonly [S, T]> {
  const [opened, done] = await Promise.allSettled([opening, meanwhile]);
  if (opened.status === 'fulfilled' && done.status === 'fulfilled') return [opened.value, done.value];
  if (opened.status === 'fulfilled') await opened.value.session.close();
  throw done.status === 'rejected' ? done.reason : opened.status === 'rejected' ? opened.reason : undefined;
}
