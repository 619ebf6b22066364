import { ResedgeError } from '../index.ts';
import { setText } from '../page-ui/bars.ts';
import { make } from '../page-ui/element.ts';
import { showStatus } from '../page-ui/state.ts';
import { exampleCount, expectTeachable, type Lesson, withClass, withExample, withoutClass } from './lesson.ts';
import { onHold } from './on-hold.ts';
import type { Opened, OpenWhat } from './protocol.ts';
import type { Remote } from './remote.ts';
import { ui } from './view.ts';

export type TeachingParts = {
  readonly remote: Remote;
  /** Does one thing after the other, and shows what fails. */
  readonly does: (action: () => Promise<void>) => Promise<void>;
  /** The model to teach. */
  readonly what: () => OpenWhat;
  /** What is looked at now. */
  readonly seen: () => Promise<Blob | ImageBitmap | undefined>;
  /** Answers with this model from now on, or not at all. */
  readonly answerWith: (opened: Opened | undefined) => Promise<void>;
};

/** The view that teaches classes; what was recorded stays when it is left. */
export type Teaching = {
  /** Throws `unsupported` for a model that cannot be taught; nothing is shown then. */
  readonly start: () => Promise<void>;
  readonly stop: () => void;
};

export function createTeaching({ remote, does, what, seen, answerWith }: TeachingParts): Teaching {
  let lesson: Lesson = [];
  /** The model whose features were recorded. */
  let path: string | undefined;
  let taught: Blob | undefined;
  const counts = new Map<string, HTMLElement>();

  const record = async (name: string): Promise<void> => {
    const picture = await seen();
    if (picture === undefined)
      throw new ResedgeError('usage', 'expected something to record: start the camera, or drop a picture');
    lesson = withExample(lesson, name, await remote.features(picture));
    showStatus('');
    for (const one of lesson) setText(counts.get(one.name)!, exampleCount(one));
  };
  const row = (name: string): HTMLLIElement => {
    const count = make('span', 'note', '0 examples');
    const recordButton = button('Record', name);
    const removeButton = button('Remove', name);
    const item = make('li', '', make('span', 'name', name), count, recordButton, removeButton);
    counts.set(name, count);
    onHold(recordButton, () => does(() => record(name)));
    removeButton.addEventListener('click', () => {
      lesson = withoutClass(lesson, name);
      counts.delete(name);
      item.remove();
      ui.name.focus();
    });
    return item;
  };
  const train = async (): Promise<void> => {
    expectTeachable(lesson);
    showStatus('Training.');
    const started = performance.now();
    const { opened, bytes, accuracy } = await remote.teach(what(), lesson);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    taught = new Blob([bytes], { type: 'application/octet-stream' });
    ui.download.hidden = false;
    const right = `${(100 * accuracy).toFixed(0)}\u00a0% right`;
    setText(ui.result, `Trained in ${seconds} s: ${right} on examples held back in turn (cross-validation).`);
    await answerWith(opened);
  };

  ui.add.addEventListener('submit', (event) => {
    event.preventDefault();
    does(async () => {
      lesson = withClass(lesson, ui.name.value);
      ui.classes.append(row(lesson.at(-1)!.name));
      ui.name.value = '';
      showStatus('');
    });
  });
  ui.train.addEventListener('click', () => does(train));
  ui.download.addEventListener('click', () => {
    if (taught !== undefined) download(taught, 'mine.onnx');
  });

  return {
    start: async () => {
      showStatus('Making ready.');
      await remote.prepare(what());
      // Features of one model say nothing to another.
      if (path !== what().path) {
        lesson = lesson.map(({ name }) => ({ name, rows: [] }));
        for (const one of lesson) setText(counts.get(one.name)!, exampleCount(one));
      }
      path = what().path;
      ui.teach.hidden = false;
      await answerWith(undefined);
    },
    stop: () => {
      ui.teach.hidden = true;
    },
  };
}

function download(file: Blob, name: string): void {
  const link = make('a', '');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function button(text: string, name: string): HTMLButtonElement {
  const made = make('button', 'button', text);
  made.type = 'button';
  made.setAttribute('aria-label', `${text} ${name}`);
  return made;
}
