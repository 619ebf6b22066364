import '../browser/some.ts';
import '../cli/some.ts';
import 'onnxruntime-web';
export * from '../browser/some.ts';
export type { Some } from '../browser/some.ts';
await import('../browser/some.ts');
console.log('');
