import { type FrameShape, frameShape } from '../image/frame.ts';

/** Frames until the disc is back where it was. */
const PERIOD = 120;

/** The shape of the frames that {@link drawTestScene} draws. */
export function testSceneShape(width: number, height: number): FrameShape {
  return frameShape('rgb24', width, height);
}

/** Draws frame `index` of a scene that needs no camera, a disc that circles over sky and ground, as rgb24 rows without padding. */
export function drawTestScene(out: Uint8Array, { width, height }: FrameShape, index: number): void {
  const angle = (2 * Math.PI * (index % PERIOD)) / PERIOD;
  const centreX = width * (0.5 + 0.3 * Math.cos(angle));
  const centreY = height * (0.5 + 0.3 * Math.sin(angle));
  const radius = Math.min(width, height) / 6;
  const horizon = Math.floor(height * 0.6);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const reach = radius * radius - (y - centreY) ** 2;
    const half = reach > 0 ? Math.sqrt(reach) : -1;
    const shade = y < horizon ? Math.floor((80 * y) / horizon) : Math.floor((60 * (y - horizon)) / (height - horizon));
    const [red, green, blue] = y < horizon ? [110 + shade, 160 + shade, 235] : [70 + shade, 120 + shade, 60];
    for (let x = 0; x < width; x++) {
      const inside = Math.abs(x - centreX) <= half;
      out[at] = inside ? 220 : red;
      out[at + 1] = inside ? 60 : green;
      out[at + 2] = inside ? 40 : blue;
      at += 3;
    }
  }
}
