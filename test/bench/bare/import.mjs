// Reads an ONNX model into a graph, simplifies it and writes it again: node import.mjs <model.onnx> <written.onnx>
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { encodeGraph } from '../../../dist/converter/exchange/encode-graph.js';
import { readOnnx } from '../../../dist/converter/onnx-network.js';
import { applyPasses, FOLD } from '../../../dist/converter/passes/index.js';

const [model, written] = process.argv.slice(2);
const started = performance.now();
const bytes = readFileSync(model);
const network = readOnnx(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
const graph = applyPasses(network.build(network.preprocessing.inputSize), FOLD);
const file = openSync(written, 'w');
for (const chunk of encodeGraph(graph, { producer: { name: 'bench', version: '1' } })) writeSync(file, chunk);
closeSync(file);
process.stdout.write(JSON.stringify({ seconds: (performance.now() - started) / 1000 }));
