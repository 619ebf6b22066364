import { type Asked, answers } from './answers.ts';

addEventListener('message', async ({ data }: MessageEvent<Asked>) => {
  postMessage(await answers(data));
});
