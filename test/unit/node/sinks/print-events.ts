import { openStdout } from '../../../../src/node/sinks/lines.ts';
import { queued } from '../../../../src/node/sinks/queued.ts';

/** Prints events as fast as it can, and says on stderr what became of them. */
const EVENTS = 5000;
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const queue = queued(
  openStdout((error) => note(`gone: ${error.message}`)),
  { capacity: 500, firstMs: 10, mostMs: 50, seed: 1, note },
);
const label = 'x'.repeat(1000);
let frame = 0;
const timer = setInterval(async () => {
  for (let i = 0; i < 100; i++) {
    queue.push({ kind: 'entered', time: new Date(0).toISOString(), label, probability: 0.9, frame: frame++ });
  }
  if (frame < EVENTS) return;
  clearInterval(timer);
  note(JSON.stringify(await queue.close(5000)));
}, 10);
