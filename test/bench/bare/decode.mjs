// The least program that decodes pictures: node decode.mjs <folder> <pictures> <in flight>
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const [folder, count, inFlight] = process.argv.slice(2);
sharp.cache(false);
const paths = readdirSync(folder, { recursive: true })
  .filter((path) => path.endsWith('.jpg'))
  .slice(0, Number(count))
  .map((path) => join(folder, path));
let next = 0;
const work = async () => {
  while (next < paths.length) await sharp(readFileSync(paths[next++])).raw().toBuffer();
};
await Promise.all(Array.from({ length: Number(inFlight) }, work));
