/** Bytes of a page of WebAssembly's memory. */
const PAGE = 65_536;

type Memory = { readonly buffer: ArrayBuffer; grow: (pages: number) => number };

declare const WebAssembly: { readonly Memory: { readonly prototype: Memory } };

/**
 * Refuses to give a WebAssembly library of this thread more than `most` bytes, as if the machine had no more. For a thread that does
 * nothing else: it holds for all that runs in it.
 */
export function boundMemory(most: number): void {
  const { prototype } = WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function (this: Memory, pages: number): number {
    const wanted = this.buffer.byteLength + PAGE * pages;
    if (wanted > most) throw new RangeError(`expected at most ${most} bytes of memory, asked for ${wanted}`);
    return grow.call(this, pages);
  };
}
