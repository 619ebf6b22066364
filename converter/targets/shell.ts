/** A path as a POSIX shell takes it. */
export function shellPath(path: string): string {
  return /^[\w./:@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** A text in double quotes, as JSON, Python and protocol buffers' text format read it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** `sub/model.onnx` -> `sub/model.engine`. */
export function withExtension(path: string, extension: string): string {
  return `${path.replace(/\.\w+$/, '')}.${extension}`;
}
