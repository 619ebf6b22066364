import type { Page } from 'playwright-core';

/** Drops a PNG on a page, as a person does. */
export async function dropPicture(page: Page, png: Uint8Array): Promise<void> {
  await page.evaluate(
    (bytes) => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([Uint8Array.from(bytes)], 'dropped.png', { type: 'image/png' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
    },
    [...png],
  );
}
