import { test } from 'vitest';
import { BEST, calibrated, convertFile, raw, SAFE } from './conversions.ts';
import { seededFile } from './networks.ts';

const p = raw(16);
for (const [rname, recipe] of [
  ['safe', SAFE],
  ['best', BEST],
  ['minmax', { ...BEST, method: 'minmax' as const }],
] as const)
  for (const edit of [undefined, 'layer1.0.conv1.weight', 'layer2.0.conv2.weight'])
    test(`${rname}`, async () => {
      const file = seededFile({ depths: [1, 1] }, 7, (t) => {
        if (edit) {
          const { dims, data } = t.get(edit)!;
          t.set(edit, { dims, data: data.map((v, i) => (i < 288 || edit.includes('layer2') ? 0 : v)) });
        }
      });
      const { int8 } = await convertFile(file, p, {
        int8: calibrated(
          p,
          recipe,
          Array.from({ length: 16 }, (_, i) => 20 + i),
        ),
      });
      console.log(
        rname,
        edit,
        'steps',
        int8!.steps.map((s) => `${s.correction} ${s.sqnrDb.toFixed(1)} ${s.kept}`).join('; '),
      );
      console.log(int8!.layers.map((l) => `${l.name} ${l.sqnrDb.toFixed(1)}`).join(', '));
    });
