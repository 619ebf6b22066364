import { wasmBackend } from '../../src/node/backend/wasm.ts';
import { describeBackend } from './backend.ts';

describeBackend(wasmBackend, 'wasm', 'cuda');
