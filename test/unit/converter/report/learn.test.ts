import { expect, test } from 'vitest';
import { renderLearnReport } from '../../../../converter/report/learn.ts';
import type { LearnReportData } from '../../../../converter/report/learn-data.ts';

const LABELS = ['cup', '<b>pen</b>'];

function data(changes: Partial<LearnReportData> = {}): LearnReportData {
  return {
    arch: 'resnet20',
    precision: 'int8',
    labels: LABELS,
    pictures: [10, 12],
    judged: 22,
    accuracy: 20 / 22,
    threshold: { value: 0.61, keeps: 0.95, catches: 0.5 },
    folds: 5,
    curve: [
      { loss: 0.9, learningRate: 0.02, validation: { loss: 0.8, accuracy: 0.7 } },
      { loss: 0.3, learningRate: 0.01, validation: { loss: 0.4, accuracy: 0.9 } },
    ],
    epochs: 2,
    confusion: [9, 1, 1, 11],
    verified: { sqnrDb: 50, agreement: 1, pictures: 22 },
    bytes: { base: 300_000, model: 320_000, memory: 20_000 },
    worst: [
      {
        ...{ truth: 0, answer: 1, probability: 0.9, ofTruth: 0.1 },
        ...{ name: 'cup/1.png', side: 32, source: 'data:image/png;base64,AAAA' },
      },
    ],
    recipe: 'SGD, 2 epochs',
    seed: 0,
    base: { file: 'base.onnx', sha256: 'ab'.repeat(32) },
    tool: 'resedge 0.1.0',
    skipped: [],
    warnings: [],
    ms: 1234,
    ...changes,
  };
}

test('a page says what was learnt, and escapes the names of classes', () => {
  const page = renderLearnReport(data());
  expect(page).toContain('20 of 22 pictures were named right by 5 heads');
  expect(page).toContain('&lt;b&gt;pen&lt;/b&gt;');
  expect(page).not.toContain('<b>pen</b>');
  expect(page).toContain('src="data:image/png;base64,AAAA"');
  expect(page.match(/<polyline /g)).toHaveLength(2);
  expect(page).toContain('The 1 surest of 2 mistakes.');
  expect(page).not.toContain('<script');
  expect(renderLearnReport(data())).toBe(page);
});

test('a class that was added stands at the top, with what the others lost', () => {
  const others = { before: 0.95, after: 0.94, pictures: 40 };
  const page = renderLearnReport(data({ grown: { label: 'cup', pictures: 10, others } }));
  expect(page).toContain('cup, learnt by resnet20');
  expect(page).toMatch(/The other classes: \u22121\.0\u00a0points/);
});

test('a network that was tuned is called one, with what that gained', () => {
  const gained = { head: 'new', parameters: 12_345, before: 0.8, after: 0.9, judged: 10 } as const;
  const page = renderLearnReport(data({ folds: 1, tuned: { depth: 'last-stage', ...gained } }));
  expect(page).toContain('named right by the tuned network, which was not trained on them; they chose its epoch.');
  expect(page).toContain('The last stage and the head, 12,345 parameters, were tuned in float');
  expect(page).toMatch(/Tuning: \+10\.0\u00a0points\./);
  expect(page).toContain('with a new head alone');
  expect(page).toContain('<dt>Stored network</dt>');
  expect(page).toContain('<dt>Tuning</dt>');
  expect(page).not.toMatch(/<dt>(Stored head|Head)<\/dt>|the head learns its pictures|answered by a head/);
});

test('where no epoch of tuning was better, no line marks one', () => {
  const gained = { head: 'kept', parameters: 9, before: 0.8, after: 0.8, judged: 10 } as const;
  const page = renderLearnReport(data({ folds: 1, epochs: 0, tuned: { depth: 'all', ...gained } }));
  expect(page).toContain('2 epochs, of which none was better than what stood before them.');
  expect(page).not.toContain('class="kept"');
  expect(page).toContain('All layers, 9 parameters');
});

test('many classes are shown by the pairs that are mistaken', () => {
  const labels = Array.from({ length: 30 }, (_, i) => `class-${i}`);
  const confusion = new Uint32Array(900);
  confusion[3 * 30 + 7] = 5;
  const page = renderLearnReport(data({ labels, confusion, pictures: labels.map(() => 4), worst: [] }));
  expect(page).not.toContain('class="matrix"');
  expect(page).toMatch(/<td>class-3<\/td><td class="text">class-7<\/td><td>5<\/td>/);
});
