import type { FrameShape } from '../../image/frame.ts';
import type { FrameSlots } from '../../pipeline/latest-frame.ts';
import type { Fault } from '../../runtime/explain.ts';
import type { Output, Size } from './recipes.ts';

/** A program that gives frames on its stdout. */
export type CommandPlan = {
  readonly kind: 'command';
  /** The program's name and where it lies. */
  readonly program: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly output: Output;
  /** What was asked for, with its password, to keep that out of messages. */
  readonly address: string;
  /** `always`: opened again however it ends; `failed`: only if it did not end well; `never`. */
  readonly reopen: 'always' | 'failed' | 'never';
  /** Milliseconds without a byte after which the program is given up; before the first one `opening`. */
  readonly stall: number;
  readonly opening: number;
};

/** What the capturing thread runs. */
export type CapturePlan =
  | CommandPlan
  | { readonly kind: 'stdin'; readonly shape: FrameShape }
  | { readonly kind: 'test'; readonly size: Size; readonly fps: number }
  | { readonly kind: 'folder'; readonly path: string; readonly size: Size; readonly fps: number };

export type CaptureRequest = { readonly name: string; readonly plan: CapturePlan };

/** What the capturing thread tells. */
export type CaptureEvent =
  | { readonly kind: 'slots'; readonly slots: FrameSlots }
  /** A frame came that was waited for. */
  | { readonly kind: 'frame' }
  | { readonly kind: 'child'; readonly pid: number | undefined }
  | { readonly kind: 'lost'; readonly message: string }
  | { readonly kind: 'back' }
  | { readonly kind: 'skipped'; readonly message: string }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly fault: Fault };
