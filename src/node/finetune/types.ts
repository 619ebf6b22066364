import type { Scheme } from '../../../converter/quantize/scheme.ts';
import type { HeadRecipe } from '../../../converter/train/head-recipe.ts';
import type { Recipe } from '../../../converter/train/recipe.ts';
import type { Depth } from '../../../converter/train/stages.ts';
import type { OpenModelOptions } from '../model/open-model.ts';

export type FinetuneStage = 'read' | 'features' | 'tune' | 'convert' | 'remember' | 'verify';

/** How a trained network is tuned to the classes of a folder. */
export type FinetuneOptions = {
  /** Weights, or a whole model in float. */
  readonly model: string;
  readonly output: string;
  readonly depth: Depth;
  /** Of the head that is trained first. */
  readonly head: HeadRecipe;
  readonly recipe: Omit<Recipe, 'augmentation'>;
  /** Epochs without a better validation loss after which the tuning ends. */
  readonly patience: number;
  /** Bytes that the process should stay within while it tunes; default: half of this machine's. */
  readonly memory?: number;
  readonly scheme: Scheme;
  /** The integers learn once more by this; default: they do not. */
  readonly quantizeAware?: Pick<Recipe, 'epochs' | 'schedule'>;
  readonly report?: string;
  readonly open: OpenModelOptions;
  readonly onProgress?: (stage: FinetuneStage, done: number, total: number) => void;
  readonly signal?: AbortSignal;
};
