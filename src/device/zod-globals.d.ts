declare global {
  /** zod's declarations name this type of the web; the pure rooms have neither the DOM's types nor Node's. */
  interface URL {
    readonly href: string;
  }
}

export {};
