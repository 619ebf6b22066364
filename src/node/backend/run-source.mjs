// Runs a TypeScript file of a checkout, named before its own arguments: Node 20 takes no TypeScript itself.
import { register } from 'tsx/esm/api';

const [file] = process.argv.splice(2, 1);
register();
await import(file);
