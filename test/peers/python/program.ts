import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { peersFolder } from '../emulate/machine.ts';

const INSTALLED = join(peersFolder, 'venv/bin/python3');

/** A Python with the packages of `requirements.txt`: the one that RESEDGE_PYTHON names, or that `setup.sh` installed. */
export const PYTHON: string = process.env['RESEDGE_PYTHON'] ?? (existsSync(INSTALLED) ? INSTALLED : 'python3');
