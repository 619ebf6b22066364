import type { PageModel } from '../../device/page-manifest.ts';
import { oneLine } from '../../runtime/explain.ts';
import { queue } from '../../runtime/queue.ts';
import { openCamera } from '../camera.ts';
import { type FrameSource, isResedgeError } from '../index.ts';
import { showAnswer } from '../page-ui/answer.ts';
import { cardFacts } from '../page-ui/card.ts';
import { showFacts, showTiles } from '../page-ui/facts.ts';
import { onPictures } from '../page-ui/pictures-in.ts';
import { showRadios } from '../page-ui/radios.ts';
import { showState, showStatus } from '../page-ui/state.ts';
import type { Candidates } from './candidates.ts';
import { createFigures } from './figures.ts';
import { type Best, openBest } from './open-best.ts';
import type { Remote } from './remote.ts';
import { showNotes, showPicture, ui } from './view.ts';
import { TOP, watch } from './watch.ts';

/** How often figures change, so that they can be read. */
const FIGURES_MS = 500;

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
  let camera: FrameSource | undefined;
  let stopWatching: (() => Promise<void>) | undefined;
  let picture: Blob | undefined;

  const choices = models.map((model) => ({ value: model, text: model.precision.toUpperCase() }));
  const does = (action: () => Promise<void>): void => void inTurn(action).catch(showFailure);
  const showChosen = (): void => showRadios(ui.precisions, choices, best.file, (model) => does(() => change(model)));
  const showFigures = (): void => showTiles(ui.figures, figures.tiles(best.opened, camera !== undefined));
  const showModel = (): void => {
    figures.clear();
    showFigures();
    showFacts(ui.card, cardFacts(best.file, best.opened.metadata));
    showNotes(notesOf(best));
    showChosen();
  };
  const look = (): void => {
    if (camera === undefined) return;
    stopWatching = watch(
      camera,
      remote.classifier(best.opened),
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
    if (picture === undefined) return;
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
      showModel();
      showStatus('');
      await classifyPicture();
    } finally {
      showChosen();
      look();
    }
  };

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
