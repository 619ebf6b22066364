import '../browser/some.ts';
import 'onnxruntime-node';
import 'onnxruntime-web/wasm';
import 'sharp';
export * from '../browser/some.ts';
export type { Some } from '../browser/some.ts';
await import('../browser/some.ts');
console.log('');
