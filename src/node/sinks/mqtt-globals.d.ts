declare global {
  /** mqtt's declarations name these of the web, and Node's types have none of them; nothing here may use them. */
  type Transferable = MessagePort;
  type Worker = never;
  interface MessagePort {
    readonly close: () => void;
  }
  const addEventListener: never;
  const removeEventListener: never;
  const postMessage: never;
}

export {};
