import type { ErrorCode } from '../errors.ts';
import type { Backend, Provider } from './types.ts';

/** An error as plain data, so that it can pass between threads. */
export type Fault = { readonly code: ErrorCode; readonly message: string };

const MAX_QUOTE = 300;

/** The place in ONNX Runtime's source and the condition that did not hold, before its words. */
const FAILED_CHECK = /^\S+\.(cc|h|cpp):\d+ .* was false\. /;

const NOT_HERE =
  /backend not found|no available backend found|failed to load (shared )?library|webgpu adapter|no cuda-capable device|cuda driver version/i;
const LEFT_TO_CPU = /fallback to CPU EP has been explicitly disabled/i;
const NOT_HANDLED =
  /not_implemented|could not find an implementation|not a registered function|unsupported model IR|opset/i;

/** An error's text on one line, of bounded length. */
export function oneLine(error: unknown): string {
  const said = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').trim();
  const text = said.replace(FAILED_CHECK, '');
  return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}...` : text;
}

/** What ONNX Runtime meant by refusing to open a model. `unavailable` only where the provider is not present. */
export function explainOpen(error: unknown, library: Backend['name'], provider: Provider, where: string): Fault {
  const said = oneLine(error);
  if (NOT_HERE.test(said))
    return {
      code: 'unavailable',
      message: `expected provider ${provider} in ${library}, which says: ${said}: choose another provider`,
    };
  if (LEFT_TO_CPU.test(said))
    return {
      code: 'unsupported',
      message: `strict: expected ${provider} to run every node of ${where}, it leaves some to the CPU: leave strict out, or convert with another precision`,
    };
  if (NOT_HANDLED.test(said))
    return {
      code: 'unsupported',
      message: `expected a model that ${library} can run in ${where}, it says: ${said}: convert it again`,
    };
  return {
    code: 'input',
    message: `expected a whole ONNX model in ${where}, ${library} says: ${said}: convert it again`,
  };
}

/** What ONNX Runtime said of a failed inference; the feeds' names, types and shapes were right. */
export function explainRun(error: unknown, where: string): Fault {
  return {
    code: 'input',
    message: `expected ${where} to run on these inputs, ONNX Runtime says: ${oneLine(error)}: check the batch size`,
  };
}
