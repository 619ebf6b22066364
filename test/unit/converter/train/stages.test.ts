import { describe, expect, test } from 'vitest';
import type { Graph, Node } from '../../../../converter/graph/graph.ts';
import { tunedRates } from '../../../../converter/train/stages.ts';
import { seededGraphs } from '../quantize/observed.ts';

const { trained } = seededGraphs({ depths: [1, 1, 1], inner: 4 }, 16);

/** The rates of constants whose names begin so, each once. */
const ratesOf = (graph: Graph, start: string): readonly number[] => {
  const rates = [...tunedRates(graph, 'all')].filter(([name]) => name.startsWith(start)).map(([, rate]) => rate);
  return [...new Set(rates.map((rate) => Number(rate.toPrecision(6))))];
};

/** The same network under names that say nothing of stages. */
function anonymous(graph: Graph): Graph {
  const plain = (name: string): string => name.replace(/^layer(\d+)\./, 'part$1-');
  const nodes = graph.nodes.map(
    (node): Node => ({
      ...node,
      name: plain(node.name),
      inputs: node.inputs.map(plain),
      outputs: node.outputs.map(plain),
    }),
  );
  return { ...graph, nodes, constants: new Map([...graph.constants].map(([name, value]) => [plain(name), value])) };
}

describe('tunedRates', () => {
  test('the last stage is the last one of the names, and the head', () => {
    const names = [...tunedRates(trained, 'last-stage').keys()];
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !/^(layer3|fc)\./.test(name))).toEqual([]);
    expect(names.filter((name) => /running/.test(name))).toEqual([]);
    expect(new Set(tunedRates(trained, 'last-stage').values())).toEqual(new Set([1]));
  });

  test('every stage before it learns more slowly', () => {
    expect(['fc', 'layer3', 'layer2', 'layer1', 'conv1', 'bn1'].map((start) => ratesOf(trained, start))).toEqual([
      ...[[1], [1], [0.3], [0.09], [0.027], [0.027]],
    ]);
  });

  test('without such names the size of the pictures tells the stages', () => {
    const graph = anonymous(trained);
    expect([...tunedRates(graph, 'last-stage').keys()].sort()).toEqual(
      [...tunedRates(trained, 'last-stage').keys()].map((name) => name.replace(/^layer3\./, 'part3-')).sort(),
    );
    expect([ratesOf(graph, 'part2'), ratesOf(graph, 'part1'), ratesOf(graph, 'conv1')]).toEqual([
      [0.3],
      [0.09],
      [0.09],
    ]);
  });
});
