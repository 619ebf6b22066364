import { nativeBackend } from '../../src/node/backend/native.ts';
import { describeBackend } from './backend.ts';

describeBackend(nativeBackend, 'cpu', 'webnn');
