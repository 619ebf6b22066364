#!/usr/bin/env node
import { prepareEarly } from './prepare-early.ts';

await prepareEarly(process.argv.slice(2));
await import('./board-commands.ts');
