const BINS = 24;
const SVG = 'http://www.w3.org/2000/svg';

/** Draws how often values of each size came, from 0 to `to`, as bars that are kept from one time to the next; larger ones count to the last. */
export function showHistogram(svg: SVGSVGElement, values: readonly number[], to: number): void {
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((BINS * value) / to));
    counts[bin] = counts[bin]! + 1;
  }
  const most = Math.max(1, ...counts);
  if (svg.children.length === 0) {
    svg.setAttribute('viewBox', `0 0 ${BINS} 1`);
    svg.append(...counts.map((_, i) => bar(i)));
  }
  for (const [i, count] of counts.entries()) {
    const height = count / most;
    svg.children[i]!.setAttribute('y', String(1 - height));
    svg.children[i]!.setAttribute('height', String(height));
  }
}

function bar(bin: number): SVGRectElement {
  const rect = document.createElementNS(SVG, 'rect');
  rect.setAttribute('x', String(bin + 0.05));
  rect.setAttribute('width', '0.9');
  return rect;
}
