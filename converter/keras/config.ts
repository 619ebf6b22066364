import { ResedgeError } from '../../src/errors.ts';
import { isJson, type Json, parseJson } from '../json.ts';
import { quote } from '../weights/bytes.ts';
import { callsOf, countFromZero, referencesIn } from './calls.ts';
import type { Layer, Model } from './types.ts';

/** Most layers of one model, those of models inside it among them. */
const MAX_LAYERS = 10_000;
/** Most models inside one another. */
const MAX_NESTING = 16;

const MODELS: ReadonlySet<unknown> = new Set(['Functional', 'Model', 'Sequential']);

/** The model in Keras's config of it, of Keras 2 or 3. Throws `input` or `unsupported` naming the layer at fault. */
export function parseConfig(text: string): Model {
  let config: unknown;
  try {
    config = parseJson(text);
  } catch (cause) {
    throw new ResedgeError('input', `expected JSON as the model's config, received ${quote(text.slice(0, 40))}`, {
      cause,
    });
  }
  const budget = { layers: MAX_LAYERS };
  const root = isJson(config) ? config : {};
  if (!MODELS.has(root['class_name'])) {
    throw new ResedgeError(
      'unsupported',
      `expected a Functional or Sequential model, received ${described(root)}: a subclassed model keeps its structure in Python, build it with the functional API and save it again`,
    );
  }
  return modelOf(root, 0, budget);
}

type Budget = { layers: number };

function modelOf(entry: Json, depth: number, budget: Budget): Model {
  if (depth > MAX_NESTING) {
    throw new ResedgeError('limit', `expected at most ${MAX_NESTING} models inside one another`);
  }
  const { config } = entry;
  // Sequential models of Keras before 2.2.3 are a bare list.
  const own = isJson(config) ? config : {};
  const listed = Array.isArray(config) ? config : own['layers'];
  const name = typeof own['name'] === 'string' ? own['name'] : 'model';
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new ResedgeError('input', `expected layers in the config of model ${quote(name)}, received none`);
  }
  budget.layers -= listed.length;
  if (budget.layers < 0) throw new ResedgeError('limit', `expected at most ${MAX_LAYERS} layers`);
  const keys = new Map<string, number>();
  const layers = listed.map((layer) => layerOf(layer, name, keys, depth, budget));
  const twice = layers.find((layer, i) => layers.findIndex((other) => other.name === layer.name) !== i);
  if (twice)
    throw new ResedgeError('input', `expected one layer of each name, received two called ${quote(twice.name)}`);
  if (entry['class_name'] === 'Sequential') return sequence(name, layers, own);
  const outputs = referencesIn(own['output_layers']);
  const counted = countFromZero(layers, outputs);
  return {
    name,
    layers: layers.map((layer) => ({ ...layer, calls: layer.calls.map((call) => call.map(counted)) })),
    inputs: referencesIn(own['input_layers']),
    outputs: outputs.map(counted),
  };
}

function layerOf(entry: unknown, model: string, keys: Map<string, number>, depth: number, budget: Budget): Layer {
  const config = isJson(entry) && isJson(entry['config']) ? entry['config'] : undefined;
  const isModel = isJson(entry) && MODELS.has(entry['class_name']);
  if (!isJson(entry) || typeof entry['class_name'] !== 'string' || (config === undefined && !isModel)) {
    throw new ResedgeError('input', `expected a class and a config for every layer of model ${quote(model)}`);
  }
  const kind = entry['class_name'];
  const key = keyOf(kind, keys);
  const name = config?.['name'] ?? entry['name'] ?? key;
  if (typeof name !== 'string')
    throw new ResedgeError('input', `expected a text as the name of a ${quote(kind)} layer`);
  const registered = entry['registered_name'];
  if (typeof registered === 'string' && registered.includes('>')) refuseLayer(registered, name);
  const calls = callsOf(entry['inbound_nodes'], name);
  return {
    ...{ kind, name, key, calls },
    config: config ?? {},
    ...(isModel ? { model: modelOf(entry, depth + 1, budget) } : {}),
  };
}

/** Throws `unsupported` for a layer whose code is not in the file. */
export function refuseLayer(kind: string, name: string): never {
  const what = kind === 'Lambda' ? 'a Lambda layer, whose code is Python' : `one of class ${quote(kind)}`;
  throw new ResedgeError(
    'unsupported',
    `expected layers of a convolutional classifier, received ${what}, called ${quote(name)}: build the model without it, what prepares pictures goes into --scale, --mean, --std and --channels`,
  );
}

/** A Sequential model's layers, each reading the one before; an input is put in front where the config only states its shape. */
function sequence(name: string, listed: readonly Layer[], config: Json): Model {
  const [first] = listed;
  const stated = first?.config['batch_input_shape'] ?? config['build_input_shape'];
  const input: Layer = {
    kind: 'InputLayer',
    name: `${name}.input`,
    key: 'input_layer',
    config: { batch_shape: stated },
    calls: [],
  };
  const layers = first?.kind === 'InputLayer' ? listed : [input, ...listed];
  const references = layers.map((layer) => [layer.name, 0, 0] as const);
  return {
    name,
    layers: layers.map((layer, i) => ({ ...layer, calls: i === 0 ? [] : [[references[i - 1]!]] })),
    inputs: references.slice(0, 1),
    outputs: references.slice(-1),
  };
}

/** The class in snake case, numbered: what Keras's `saving_lib` calls a layer in its file. */
function keyOf(kind: string, keys: Map<string, number>): string {
  const snake = kind
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  const count = keys.get(snake) ?? 0;
  keys.set(snake, count + 1);
  return count === 0 ? snake : `${snake}_${count}`;
}

function described({ class_name: kind }: Json): string {
  return typeof kind === 'string' ? `one of class ${quote(kind)}` : 'none';
}
