/** The part of WebGPU and WebNN that is asked here; TypeScript's DOM library has neither whole. */
export type Accelerators = {
  readonly gpu?: { readonly requestAdapter: () => Promise<{ readonly features: ReadonlySet<string> } | null> };
  readonly ml?: { readonly createContext: (options: { readonly deviceType: string }) => Promise<unknown> };
};

/** This browser's, as far as it has them. */
export function accelerators(): Accelerators {
  return navigator as unknown as Accelerators;
}
