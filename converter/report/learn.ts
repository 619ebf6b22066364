import { html, page } from './html.ts';
import { learnCurves } from './learn-curves.ts';
import type { LearnReportData } from './learn-data.ts';
import { learnHead } from './learn-head.ts';
import { learnMatrix } from './learn-matrix.ts';
import { learnPictures } from './learn-pictures.ts';
import { learnProvenance } from './learn-provenance.ts';
import { STYLE } from './style.ts';

const OWN_STYLE = `
polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.train { stroke: var(--bar); } .unseen { stroke: var(--warm); } line.kept { stroke: var(--strong); stroke-dasharray: 5 4; }
.key.train { background: var(--bar); height: 2px; vertical-align: 0.25rem; } .key.unseen { background: var(--warm); height: 2px; vertical-align: 0.25rem; }
.key.kept { height: 0; border-top: 1px dashed var(--strong); vertical-align: 0.25rem; border-radius: 0; }
.matrix { table-layout: fixed; } .matrix thead th { width: 5rem; } .matrix thead td { width: 5.5rem; }
.matrix th, .matrix td { padding: 0.3rem 0.25rem; text-align: center; } .matrix th:first-child { text-align: left; padding-left: 0; }
.matrix thead th { overflow: hidden; text-overflow: ellipsis; } .matrix tbody th { white-space: normal; overflow-wrap: anywhere; }
.matrix td { border-left: 1px solid var(--ground); color: var(--text); } .matrix .none { color: var(--quiet); }
`;

/** One HTML page about classes that a model was taught: whole in itself, without scripts, the same for the same data. */
export function renderLearnReport(data: LearnReportData): string {
  return page(
    `${data.labels.length} classes taught to ${data.arch}: learning report`,
    STYLE + OWN_STYLE,
    html`${learnHead(data)}
${learnMatrix(data)}
${learnPictures(data)}
${learnCurves(data)}
${learnProvenance(data)}`,
  );
}
