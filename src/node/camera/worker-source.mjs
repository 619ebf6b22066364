// Starts worker.ts in a checkout: Node 20 does not take a TypeScript loader from a worker's execArgv.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
