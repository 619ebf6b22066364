import { PALETTE } from './palette.ts';

/** The report's looks. */
export const STYLE: string = `${PALETTE}main { max-width: 64rem; margin: 0 auto; padding: 3rem 1.5rem 5rem; }
p, dl, figure, table, ul { margin: 0; padding: 0; }
section { margin-top: 3.75rem; }
section > p, .scheme { max-width: 46rem; }
section > p { margin-bottom: 1.25rem; color: var(--quiet); }
h1, h2 { font-weight: 650; letter-spacing: -0.015em; line-height: 1.2; margin: 0; text-wrap: balance; }
h1 { font-size: 2.25rem; }
h2 { font-size: 1.3rem; margin-bottom: 0.5rem; }
code, .name { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.875em; }
.name { overflow-wrap: anywhere; }
.hash { overflow-wrap: anywhere; }
.kicker { color: var(--quiet); margin-bottom: 0.25rem; }
.verdict { font-size: 1.35rem; line-height: 1.4; margin-top: 0.75rem; max-width: 46rem; text-wrap: pretty; }
.status { margin-top: 1.25rem; padding: 0.6rem 0.9rem; border-left: 3px solid; border-radius: 0 4px 4px 0; max-width: 46rem; }
.good { border-color: var(--good); background: var(--goodground); }
.doubt { border-color: var(--warm); background: var(--doubtground); }
.bad { border-color: var(--bad); background: var(--badground); }
.good strong { color: var(--good); } .doubt strong { color: var(--warmtext); } .bad strong { color: var(--bad); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(max(10rem, 30%), 1fr)); gap: 1px; margin: 2rem 0 1.25rem; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.tiles > div { box-shadow: 0 0 0 1px var(--line); padding: 0.9rem 1rem; }
dt, .note, figcaption, caption, .y, .x { color: var(--quiet); }
.tiles dt { font-size: 0.875rem; }
.tiles dd { margin: 0; font-size: 1.6rem; font-weight: 600; letter-spacing: -0.02em; line-height: 1.35; }
.tiles dd.note { font-size: 0.8125rem; font-weight: 400; letter-spacing: 0; overflow-wrap: anywhere; }
.scheme { color: var(--quiet); } .scheme strong { color: var(--text); font-weight: 600; }
figcaption { font-size: 0.875rem; margin-top: 0.6rem; }
.plot { display: grid; grid-template-columns: 3.25rem 1fr; margin-top: 2.5rem; }
.plot svg { width: 100%; height: 15rem; display: block; overflow: visible; }
.plot .y, .plot .x { position: relative; font-size: 0.8125rem; line-height: 1; }
.plot .y span { position: absolute; right: 0.6rem; transform: translateY(-50%); white-space: nowrap; }
.plot .y .unit { top: -1.25rem; right: auto; left: 0; }
.plot .x { grid-column: 2; height: 1.5rem; }
.plot .x span { position: absolute; top: 0.5rem; padding-left: 2px; }
line { vector-effect: non-scaling-stroke; stroke-width: 1; }
.grid { stroke: var(--grid); } .stage { stroke: var(--line); stroke-dasharray: 2 3; }
.floor { stroke: var(--bad); stroke-dasharray: 5 4; }
.hit { fill: transparent; } g:hover > .hit { fill: var(--panel); }
.plain, .bar rect { fill: var(--bar); } .weak, .cut { fill: var(--warm); } .logits { fill: var(--strong); }
.range { stroke: var(--bar); } .half { fill: var(--pale); } .median { stroke: var(--strong); stroke-width: 2; }
.end { stroke: var(--text); }
.key { display: inline-block; width: 0.75rem; height: 0.75rem; margin: 0 0.4rem 0 0; border-radius: 2px; vertical-align: -0.06rem; }
p > .key { margin-left: 0.1rem; }
.key.weak, .key.cut { background: var(--warm); } .key.logits { background: var(--strong); } .key.half { background: var(--pale); }
.key.floor { height: 0; border-top: 1px dashed var(--bad); vertical-align: 0.25rem; border-radius: 0; }
.key.range { height: 1px; background: var(--bar); vertical-align: 0.25rem; } .key.median { height: 2px; background: var(--strong); vertical-align: 0.25rem; }
.item { display: inline-block; margin-right: 1.1rem; }
.scroll { overflow-x: auto; } .scroll + .scroll { margin-top: 1.5rem; } .scroll:focus-visible { outline: 2px solid var(--strong); outline-offset: 4px; }
details table { font-size: 0.8125rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
caption { text-align: left; font-size: 0.875rem; padding-bottom: 0.4rem; }
th, td { text-align: right; padding: 0.4rem 0 0.4rem 1.1rem; border-top: 1px solid var(--line); white-space: nowrap; font-weight: 400; vertical-align: baseline; }
thead th, thead td { border-top: 0; color: var(--quiet); font-size: 0.8125rem; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.text, th.text { text-align: left; }
td.text { color: var(--quiet); min-width: 14rem; white-space: normal; }
.steps th, .cost th { white-space: normal; }
.wide { width: 45%; } .bar { display: block; width: 100%; min-width: 4rem; height: 0.7rem; }
.cost { max-width: 40rem; }
.out { color: var(--quiet); } .out .bar { opacity: 0.45; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1.75rem 1.5rem; }
.card figcaption { display: flex; justify-content: space-between; gap: 0.75rem; margin: 0 0 0.35rem; font-size: 0.8125rem; align-items: baseline; }
.card figcaption .name { color: var(--text); } .card figcaption span:last-child { white-space: nowrap; }
.card svg { display: block; width: 100%; height: 4.5rem; border-bottom: 1px solid var(--line); overflow: visible; }
.ends { display: flex; justify-content: space-between; font-size: 0.75rem; color: var(--quiet); line-height: 1.6; }
.card .note { font-size: 0.8125rem; line-height: 1.4; } .card b { color: var(--warmtext); font-weight: 500; }
details { margin-top: 1.75rem; border-top: 1px solid var(--line); }
details + details { margin-top: 0; }
details[open] { padding-bottom: 1.5rem; }
summary { padding: 0.6rem 0; cursor: pointer; color: var(--strong); }
summary:focus-visible { outline: 2px solid var(--strong); outline-offset: 2px; }
.pictures { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1.5rem; }
.pictures img { display: block; width: 100%; height: auto; aspect-ratio: 1; border-radius: 4px; background: var(--panel); }
.pictures .small { image-rendering: pixelated; }
.answer { margin-top: 0.5rem; line-height: 1.35; } .answer b { color: var(--warmtext); font-weight: 600; }
.pictures .note { font-size: 0.8125rem; line-height: 1.45; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 1.5rem; }
.facts dd { margin: 0; min-width: 0; }
@media (max-width: 36rem) {
  main { padding: 2rem 1rem 3rem; }
  h1 { font-size: 1.9rem; } .verdict { font-size: 1.2rem; }
  .tiles { grid-template-columns: 1fr 1fr; } .tiles > div { padding: 0.7rem 0.75rem; } .tiles dd { font-size: 1.35rem; }
  .tiles > div:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .plot { grid-template-columns: 2.5rem 1fr; } .plot svg { height: 12rem; }
  .cards { grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1.5rem 1rem; }
  .card figcaption { display: block; } .card figcaption span { display: block; }
  .pictures { grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: 1rem; }
  .wide, .tight { display: none; } th, td { padding-left: 0.75rem; } table { font-size: 0.875rem; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 0.75rem; }
}
@media print { details::details-content { content-visibility: visible; } main { max-width: none; } }
`;
