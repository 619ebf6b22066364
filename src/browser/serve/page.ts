import { queue } from '../../runtime/queue.ts';
import type { LiveChoice, LiveState, LiveUpdate, Served } from '../../runtime/served.ts';
import { showAnswer } from '../page-ui/answer.ts';
import { setText } from '../page-ui/bars.ts';
import { onPictures } from '../page-ui/pictures-in.ts';
import { showState } from '../page-ui/state.ts';
import { askLive, askPicture, askServed } from './ask.ts';
import { showChoice } from './choose.ts';
import { liveFigures, showPictureFigures } from './figures.ts';
import { hasOwnCamera, type OwnCamera, openOwnCamera } from './own-camera.ts';
import { showPicture, showStatus, ui } from './view.ts';
import { watch } from './watch.ts';

function fail(error: unknown): void {
  showStatus(error instanceof Error ? error.message : String(error), true);
}

/** Shows the server's camera, this device's camera or a picture, one of them at a time. */
function start(served: Served): void {
  const figures = liveFigures();
  const inTurn = queue();
  let choice: LiveChoice = { model: served.models[0]!.name, provider: 'auto', compare: null };
  let stopWatching: (() => void) | undefined;
  let own: OwnCamera | undefined;
  let picture: Blob | undefined;

  const show = (): void => showChoice(served, choice, (next) => does(() => choose(next)));
  const onState = (state: LiveState): void => {
    choice = state.choice;
    show();
    figures.clear();
    const waiting = state.status === 'opening' ? 'Opening the model.' : state.message;
    showStatus(waiting, state.status === 'failed');
    showState(state.status === 'watching' ? 'watching' : 'ready');
  };
  const onUpdate = (update: LiveUpdate): void => {
    showPicture(update.picture, 'What the camera sees');
    const { answer, compared } = update;
    showAnswer(ui.sides[0], answer.label ?? undefined, answer.top);
    if (compared !== null) showAnswer(ui.sides[1], compared.label ?? undefined, compared.top);
    figures.add(update);
  };
  const onLost = (forGood: boolean): void =>
    showStatus(
      forGood
        ? 'The server takes no more viewers, or wants its token: load the page again.'
        : 'The server is away, trying again.',
      true,
    );
  const leave = (): void => {
    stopWatching?.();
    void own?.close();
    stopWatching = undefined;
    own = undefined;
    setText(ui.camera, 'Show the camera');
    setText(ui.own, "Use this device's camera");
  };
  const classify = async (taken: Blob): Promise<void> => {
    const { model, provider, compare } = choice;
    const [first, second] = await Promise.all([
      askPicture(taken, model, provider),
      compare === null ? undefined : askPicture(taken, compare, 'auto'),
    ]);
    showAnswer(ui.sides[0], first.top[0]?.label, first.top);
    if (second !== undefined) showAnswer(ui.sides[1], second.top[0]?.label, second.top);
    showPictureFigures(first, second);
    showStatus('');
  };
  const take = async (taken: Blob): Promise<void> => {
    picture = taken;
    showPicture(URL.createObjectURL(taken), 'The picture that is classified');
    try {
      await classify(taken);
    } catch (error) {
      showAnswer(ui.sides[0], undefined, [], 'No answer');
      throw error;
    }
  };
  const showCamera = async (): Promise<void> => {
    const watching = stopWatching !== undefined;
    leave();
    if (watching) return showState('ready');
    picture = undefined;
    setText(ui.camera, 'Stop the camera');
    stopWatching = watch({ state: onState, update: onUpdate, lost: onLost });
  };
  const useOwn = async (): Promise<void> => {
    const open = own !== undefined;
    leave();
    if (open) return showState('ready');
    own = await openOwnCamera((taken) => take(taken).catch(fail));
    setText(ui.own, 'Stop');
    showState('watching');
  };
  const choose = async (next: LiveChoice): Promise<void> => {
    choice = next;
    show();
    if (stopWatching !== undefined) await askLive(next);
    else if (own === undefined && picture !== undefined) await classify(picture);
  };
  const does = (action: () => Promise<void>): void => void inTurn(action).catch(fail);

  show();
  ui.camera.hidden = served.camera === null;
  ui.own.hidden = !hasOwnCamera();
  ui.camera.addEventListener('click', () => does(showCamera));
  ui.own.addEventListener('click', () => does(useOwn));
  onPictures(ui.file, ui.view, (taken) => {
    does(async () => {
      leave();
      showState('ready');
      await take(taken);
    });
  });
  showStatus('');
  showState('ready');
  if (served.camera !== null) does(showCamera);
}

async function open(): Promise<void> {
  // The token has done its work: the cookie carries it from here on.
  if (location.search !== '') history.replaceState(null, '', location.pathname);
  const served = await askServed();
  const seen = served.camera === null ? '' : `, camera ${served.camera}`;
  setText(ui.device, `Classified on ${served.device}${seen}`);
  start(served);
}

open().catch((error) => {
  showState('failed');
  fail(error);
});
