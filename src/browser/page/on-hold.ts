/** Pause between what is done while a button is held. */
const PAUSE_MS = 150;

/** Does something when a button is pressed, with whatever presses it, and again and again while it is held. */
export function onHold(button: HTMLButtonElement, action: () => Promise<void>): void {
  let held = false;
  let busy = false;
  /** Pressed again before the last time was over. */
  let again = false;
  const run = async (): Promise<void> => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      await action();
      await new Promise((resolve) => void setTimeout(resolve, PAUSE_MS));
    } while (held || again);
    busy = false;
  };
  const press = (): void => {
    held = true;
    void run();
  };
  const release = (): void => {
    held = false;
  };
  button.addEventListener('pointerdown', ({ button: which }) => {
    if (which === 0) press();
  });
  button.addEventListener('keydown', (event) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat) press();
  });
  // Else the same key clicks as well.
  button.addEventListener('keyup', (event) => event.preventDefault());
  for (const type of ['pointerup', 'pointercancel', 'pointerleave', 'keyup', 'blur'] as const)
    button.addEventListener(type, release);
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  // Screen readers and scripts click without a pointer.
  button.addEventListener('click', ({ detail }) => {
    if (detail === 0) void run();
  });
}
