import type { PageModel } from '../../device/page-manifest.ts';
import { oneLine } from '../../runtime/explain.ts';
import { queue } from '../../runtime/queue.ts';
import { openCamera } from '../camera.ts';
import { type FrameSource, isResedgeError } from '../index.ts';
import { showAnswer } from '../page-ui/answer.ts';
import { cardFacts } from '../page-ui/card.ts';
import { showFacts, showTiles } from '../page-ui/facts.ts';
import { onPictures } from '../page-ui/pictures-in.ts';
import { type RadioChoice, showRadios } from '../page-ui/radios.ts';
import { showState, showStatus } from '../page-ui/state.ts';
import type { Candidates } from './candidates.ts';
import { createFigures } from './figures.ts';
import { type Best, openBest } from './open-best.ts';
import type { Opened } from './protocol.ts';
import type { Remote } from './remote.ts';
import { createTeaching } from './teach.ts';
import { showNotes, showPicture, ui } from './view.ts';
import { TOP, watch } from './watch.ts';

/** How often figures change, so that they can be read. */
const FIGURES_MS = 500;

type Mode = 'classify' | 'teach';

const MODES = [
  { value: 'classify', text: 'Classify' },
  { value: 'teach', text: 'Teach it' },
] as const satisfies readonly RadioChoice<Mode>[];

export type SessionParts = {
  readonly remote: Remote;
  readonly found: Candidates;
  readonly models: readonly PageModel[];
  /** What a person should know of a model that is open, one line each. */
  readonly notesOf: (best: Best) => readonly string[];
};

/** Shows what went wrong. */
export function showFailure(error: unknown): void {
  showStatus(isResedgeError(error) ? error.message : `expected this to work, it says: ${oneLine(error)}`, true);
}

/**
 * Opens the best model, and from then on answers: the camera, pictures and the choice of a model, strictly one after the other. Throws what
 * `openBest` throws.
 */
export async function startSession({ remote, found, models, notesOf }: SessionParts): Promise<void> {
  const figures = createFigures();
  const inTurn = queue();
  let best = await openBest(remote, found);
  /** What answers: none while a model is taught that has learnt nothing so far. */
  let answering: Opened | undefined = best.opened;
  let camera: FrameSource | undefined;
  let stopWatching: (() => Promise<void>) | undefined;
  let picture: Blob | undefined;

  const choices = models.map((model) => ({ value: model, text: model.precision.toUpperCase() }));
  const does = (action: () => Promise<void>): Promise<void> => inTurn(action).catch(showFailure);
  const showChosen = (): void =>
    showRadios(ui.precisions, choices, best.file, (model) => void does(() => change(model)));
  const showFigures = (): void => showTiles(ui.figures, figures.tiles(answering ?? best.opened, camera !== undefined));
  const showModel = (): void => {
    figures.clear();
    showFigures();
    showFacts(ui.card, cardFacts(best.file, best.opened.metadata));
    showNotes(notesOf(best));
    showChosen();
  };
  const look = (): void => {
    if (camera === undefined || answering === undefined) return;
    stopWatching = watch(
      camera,
      remote.classifier(answering),
      (steady, { ms }) => {
        figures.add(ms, performance.now());
        showAnswer(ui, steady.best?.label, steady.top);
      },
      (error) => {
        void inTurn(stopCamera);
        showFailure(error);
      },
    );
  };
  const stopCamera = async (): Promise<void> => {
    await stopWatching?.();
    await camera?.close();
    stopWatching = undefined;
    camera = undefined;
    showPicture(picture);
    showState('ready');
  };
  const startCamera = async (): Promise<void> => {
    showStatus('Waiting for the camera.');
    camera = await openCamera({ video: ui.video });
    picture = undefined;
    figures.clear();
    showPicture('camera');
    showStatus('');
    showState('watching');
    look();
  };
  const classifyPicture = async (): Promise<void> => {
    if (picture === undefined || answering === undefined) return showStatus('');
    const { top, ms } = await remote.classify(picture, TOP);
    figures.clear();
    figures.add({ infer: ms.infer, total: ms.decode + ms.prepare + ms.infer }, performance.now());
    showFigures();
    showAnswer(ui, top[0]?.label, top);
    showStatus('');
  };
  const takePicture = async (taken: Blob): Promise<void> => {
    picture = taken;
    await stopCamera();
    try {
      await classifyPicture();
    } catch (error) {
      picture = undefined;
      figures.clear();
      showFigures();
      showPicture(undefined);
      showAnswer(ui, undefined, [], 'No answer');
      throw error;
    }
  };
  const change = async (model: PageModel): Promise<void> => {
    await stopWatching?.();
    showStatus(`Loading ${model.precision.toUpperCase()}.`);
    try {
      best = await openBest(remote, found, model);
      answering = best.opened;
      showModel();
      showStatus('');
      await classifyPicture();
    } finally {
      showChosen();
      look();
    }
  };

  const teaching = createTeaching({
    ...{ remote, does },
    what: () => best.what,
    // A copy of the frame that is shown, or the picture.
    seen: async () => (camera === undefined ? picture : await createImageBitmap(ui.video)),
    answerWith: async (opened) => {
      await stopWatching?.();
      stopWatching = undefined;
      answering = opened;
      figures.clear();
      ui.answer.hidden = opened === undefined;
      if (opened !== undefined) showAnswer(ui, undefined, [], 'No answer yet');
      await classifyPicture();
      look();
    },
  });
  const setMode = async (mode: Mode): Promise<void> => {
    if (mode === 'teach') {
      try {
        await teaching.start();
        ui.precisions.hidden = true;
      } catch (error) {
        showModes('classify');
        throw error;
      }
    } else {
      teaching.stop();
      ui.answer.hidden = false;
      showAnswer(ui, undefined, [], 'No answer yet');
      await change(best.file);
    }
  };
  const showModes = (chosen: Mode): void =>
    showRadios(ui.modes, MODES, chosen, (mode) => void does(() => setMode(mode)));

  showModes('classify');
  showModel();
  setInterval(() => {
    if (camera !== undefined) showFigures();
  }, FIGURES_MS);
  ui.camera.addEventListener('click', () => does(() => (camera === undefined ? startCamera() : stopCamera())));
  onPictures(ui.file, ui.view, (taken) => does(() => takePicture(taken)));
  ui.camera.disabled = false;
  showStatus('');
  showState('ready');
}
