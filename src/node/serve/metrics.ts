import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Gate } from './gate.ts';
import type { Live } from './live.ts';

/** Upper bounds in seconds: an INT8 network on a server takes the least, a large one on a board the most. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What a server counts, for Prometheus. */
export type Metrics = {
  readonly request: (route: string, status: number) => void;
  /** Seconds of decoding, preparing or inference of an upload. */
  readonly step: (model: string, step: string, seconds: number) => void;
  /** Seconds from a camera's frame to its answer. */
  readonly answered: (model: string, seconds: number) => void;
  readonly text: () => Promise<string>;
  readonly type: string;
};

export function createMetrics(gate: Gate, live: () => Live | undefined): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    ...{ name: 'resedge_requests_total', help: 'Requests answered, by route and status.', registers },
    labelNames: ['route', 'status'],
  });
  const steps = new Histogram({
    ...{ name: 'resedge_classify_seconds', help: 'Time of each step of classifying an upload.', registers },
    ...{ labelNames: ['model', 'step'], buckets: BUCKETS },
  });
  const answers = new Histogram({
    ...{ name: 'resedge_frame_seconds', help: "Time from a frame's last byte to its answer.", registers },
    ...{ labelNames: ['model'], buckets: BUCKETS },
  });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read());
      },
    });
  };
  gauge('resedge_queue_working', 'Uploads being classified.', () => gate.counts().working);
  gauge('resedge_queue_waiting', 'Uploads waiting for their turn.', () => gate.counts().waiting);
  gauge('resedge_viewers', 'Pages that watch the camera.', () => live()?.viewers() ?? 0);
  gauge('resedge_frames_captured', 'Frames captured so far.', () => live()?.source.counts().captured ?? 0);
  gauge(
    'resedge_frames_dropped',
    'Frames so far that a newer one replaced.',
    () => live()?.source.counts().dropped ?? 0,
  );
  return {
    request: (route, status) => requests.inc({ route, status: String(status) }),
    step: (model, step, seconds) => steps.observe({ model, step }, seconds),
    answered: (model, seconds) => answers.observe({ model }, seconds),
    text: () => registry.metrics(),
    type: registry.contentType,
  };
}
