import { picturesIn } from '../batch.ts';
import type { Producer } from '../exchange/encode-graph.ts';
import type { Graph } from '../graph/graph.ts';
import { type Judged, judgeOn } from '../judge.ts';
import { applyPlan } from '../quantize/apply.ts';
import type { LayerPlan, QuantizationPlan } from '../quantize/plan.ts';
import type { ModelRunner } from '../runner.ts';
import { type Budget, type Figures, figuresOf, holds } from './budget.ts';
import { costOf, effective, measureRungs, type Precision, planWith, type Rung } from './ladder.ts';
import { halves, type Sample, selectPictures } from './sample.ts';
import { leastThatHolds, withoutNeedless } from './search.ts';

/** A layer, or the additions of a residual stream, in higher precision than the rest. */
export type Kept = {
  readonly name: string;
  readonly precision: Precision;
  /** SQNR of the logits with this part alone in integers: what that would cost. */
  readonly sqnrDb: number;
};

/** What came of a budget. */
export type BudgetOutcome = {
  readonly budget: Budget;
  readonly reached: boolean;
  /** Everything in the scheme's integers, on all judged pictures. */
  readonly plain: Figures;
  /** In order of execution; empty where the plain model holds, and where nothing helps. */
  readonly kept: readonly Kept[];
  /** On the pictures by which parts were chosen: the model or, out of reach, one with a single part in integers. */
  readonly search?: Figures;
  /** On the other pictures; `fresh` where these had no say in the choice. */
  readonly proof?: Figures & { readonly fresh: boolean };
};

export type Held = {
  readonly graph: Graph;
  readonly plan: QuantizationPlan;
  readonly judged: Judged;
  readonly outcome: BudgetOutcome;
};

export type HoldOptions = {
  /** In float. */
  readonly graph: Graph;
  /** The plain model, and what was found of it on all of `sample`. */
  readonly plain: Omit<Held, 'outcome'>;
  /** Layers whose weights take more bits, at the same speed; asked for once the plain model does not hold. */
  readonly wider: () => ReadonlyMap<string, LayerPlan>;
  readonly sample: Sample;
  readonly inputSize: number;
  readonly producer: Producer;
  readonly run: ModelRunner;
  readonly onProgress: (done: number, total: number) => void;
};

type Predicate = (rungs: readonly Rung[]) => Promise<boolean>;

/** Pixels of the pictures on which single parts are measured, unless one picture has more. */
const MEASURED_PIXELS = 4 * 224 * 224;
/** Kept parts, the dearest first, that the search tries to do without at its end. */
const MOST_SPARED = 16;

/**
 * Keeps parts of an INT8 graph in higher precision until a budget holds. On half of the pictures, every part's noise is measured,
 * and of the parts in the order of noise for their cost the fewest are taken that hold; what turns out needless is given up again.
 * The other half is the proof; where it misses the budget it joins the search.
 */
export async function holdBudget(budget: Budget, options: HoldOptions): Promise<Held> {
  const { graph, plain, sample, inputSize, producer, run, onProgress } = options;
  const before = figuresOf(plain.judged, sample.classes);
  if (holds(budget, before)) return { ...plain, outcome: { budget, reached: true, plain: before, kept: [] } };

  const quantized = { graph, plan: plain.plan, wider: options.wider() };
  const judgeOf = ({ batches, expected }: Sample) => judgeOn(batches, expected, producer, run);
  const [half, other] = await halves(sample, inputSize);
  const figuresOn = (part: Sample): ((rungs: readonly Rung[]) => Promise<Figures>) => {
    const judge = judgeOf(part);
    return remembered(async (rungs) =>
      figuresOf(await judge(applyPlan(graph, planWith(quantized, rungs))), part.classes),
    );
  };
  const [search, proof] = [figuresOn(half), figuresOn(other)];
  const onSearch: Predicate = async (rungs) => holds(budget, await search(rungs));
  const onBoth: Predicate = async (rungs) => (await onSearch(rungs)) && holds(budget, await proof(rungs));

  const few = judgeOf(await selectPictures(half, spread(picturesIn(half.batches), inputSize), inputSize));
  const measured = (precision: Precision, below: readonly Rung[]): Promise<readonly Rung[]> =>
    measureRungs(quantized, precision, below, few, onProgress);
  const wide = quantized.wider.size === 0 ? [] : await measured('wider', []);
  let float: readonly Rung[] | undefined;
  const choose = async (holdsOn: Predicate): Promise<readonly Rung[] | undefined> => {
    const enough = await fewest(wide, 1, wide.length, holdsOn);
    if (enough) return enough;
    float ??= await measured('float', wide);
    // With the last rung nothing would be left in integers.
    return await fewest([...wide, ...float], wide.length + 1, wide.length + float.length - 1, holdsOn);
  };
  const first = await choose(onSearch);
  const fresh = first !== undefined && holds(budget, await proof(first));
  const kept = fresh || first === undefined ? first : await choose(onBoth);
  if (kept === undefined) {
    const most = effective([...wide, ...(float ?? []).slice(0, -1)]);
    return { ...plain, outcome: { budget, reached: false, plain: before, kept: [], search: await search(most) } };
  }
  const plan = planWith(quantized, kept);
  const mixed = applyPlan(graph, plan);
  const outcome = {
    budget,
    reached: true,
    plain: before,
    kept: inOrder(graph, kept),
    search: await search(kept),
    proof: { ...(await proof(kept)), fresh: fresh && other !== half },
  };
  const { batches, expected } = sample;
  const judged = await judgeOn(batches, expected, producer, run, { explain: true })(mixed);
  return { graph: mixed, plan, judged, outcome };
}

/** The fewest rungs from the start of a ladder that hold, at least `from` and at most `to`, and of these no needless ones. */
async function fewest(
  ladder: readonly Rung[],
  from: number,
  to: number,
  holdsOn: Predicate,
): Promise<readonly Rung[] | undefined> {
  const first = (count: number): readonly Rung[] => effective(ladder.slice(0, count));
  const count = await leastThatHolds(from, to, (n) => holdsOn(first(n)));
  if (count === undefined) return undefined;
  const dearest = first(count).toSorted((a, b) => costOf(b) - costOf(a));
  return await withoutNeedless(first(count), dearest.slice(0, MOST_SPARED), holdsOn);
}

/** Places of as many of `count` pictures as single parts are measured on, evenly spread. */
function spread(count: number, inputSize: number): readonly number[] {
  const few = Math.min(count, Math.max(1, Math.floor(MEASURED_PIXELS / inputSize ** 2)));
  return Array.from({ length: few }, (_, i) => Math.floor((i * count) / few));
}

/** Judges the same rungs once. */
function remembered<T>(judge: (rungs: readonly Rung[]) => Promise<T>): (rungs: readonly Rung[]) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (rungs) => {
    const key = JSON.stringify(rungs.map(({ part, precision }) => [part.name, precision]));
    const found = known.get(key) ?? judge(rungs);
    known.set(key, found);
    return found;
  };
}

function inOrder(graph: Graph, rungs: readonly Rung[]): readonly Kept[] {
  const place = new Map(graph.nodes.map(({ name }, index) => [name, index]));
  return rungs
    .toSorted((a, b) => place.get(a.part.nodes[0]!)! - place.get(b.part.nodes[0]!)!)
    .map(({ part, precision, sqnrDb }) => ({ name: part.name, precision, sqnrDb }));
}
