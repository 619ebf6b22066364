import { parseAddress } from '../../../src/node/sinks/address.ts';
import { openMqtt } from '../../../src/node/sinks/mqtt.ts';
import { queued } from '../../../src/node/sinks/queued.ts';
import { parseTopic } from '../../../src/node/sinks/topic.ts';

/** Publishes one event to the broker named, says on stdout what became of it, and stays until it is ended. */
const address = parseAddress(process.argv[2] ?? '', 'argument', ['mqtt', 'mqtts']);
const note = (line: string): void => void process.stdout.write(`${line}\n`);
const sink = openMqtt({ address, topic: parseTopic('door/{label}', 'here'), retain: false, seed: 1 });
const queue = queued(sink, { capacity: 10, firstMs: 50, mostMs: 100, seed: 1, note });
queue.push({ kind: 'entered', time: new Date(0).toISOString(), label: 'cat', probability: 0.9, frame: 1 });
const looking = setInterval(() => {
  if (queue.counts().delivered === 0) return;
  note('delivered');
  clearInterval(looking);
}, 10);
