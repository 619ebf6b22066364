/** Calls back with every picture that is chosen, dropped anywhere on the page, or pasted; `view` shows where it will go. */
export function onPictures(input: HTMLInputElement, view: HTMLElement, take: (picture: Blob) => void): void {
  const takeFirst = (files: FileList | undefined): void => {
    const [file] = files ?? [];
    if (file !== undefined) take(file);
  };
  const over = (is: boolean): void => void view.classList.toggle('over', is);
  input.addEventListener('change', () => {
    takeFirst(input.files ?? undefined);
    // So that the same file can be chosen again.
    input.value = '';
  });
  addEventListener('dragover', (event) => {
    event.preventDefault();
    over(true);
  });
  addEventListener('dragleave', ({ relatedTarget }) => over(relatedTarget !== null));
  addEventListener('drop', (event) => {
    event.preventDefault();
    over(false);
    takeFirst(event.dataTransfer?.files);
  });
  addEventListener('paste', (event) => takeFirst(event.clipboardData?.files));
}
