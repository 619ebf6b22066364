/**
 * Colours and type that the report and the pages share, by their use. Text keeps a contrast of 4.5 or more on its ground in both colour
 * schemes: `text`, `quiet`, `strong`, `warmtext`, `good` and `bad` on `ground` and `panel`.
 */
export const PALETTE = `
:root {
  color-scheme: light dark;
  --ground: #fcfcfa; --panel: #f3f3ef; --line: #deded8; --grid: #e8e8e2;
  --text: #1b1d21; --quiet: #5c616b;
  --bar: #6d8fb3; --strong: #1f4f82; --pale: #c3d2e2;
  --warm: #c2561a; --warmtext: #a3440f; --good: #22683c; --bad: #a9261f;
  --goodground: #e6f1e8; --doubtground: #fbeee2; --badground: #fae8e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15171a; --panel: #1e2125; --line: #34383e; --grid: #272b30;
    --text: #e8e9eb; --quiet: #a2a8b2;
    --bar: #55799f; --strong: #9cc3ec; --pale: #33485f;
    --warm: #ec8a4c; --warmtext: #f0a06c; --good: #86cf9d; --bad: #f2958d;
    --goodground: #1a2a20; --doubtground: #2e2319; --badground: #33201e;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
`;
