/** The bar on top and its colours, light or dark as the reader has it: all that the reference takes from us. */
export const frame = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#fbfaf8, #14161a);
  --raised: light-dark(#ffffff, #1c1f25);
  --ink: light-dark(#1d2025, #e7e6e2);
  --soft: light-dark(#5b6069, #a3a7ae);
  --line: light-dark(#e3e0d9, #2e323a);
  --accent: light-dark(#0b5c6b, #7fd0dd);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 2rem; padding: 1.1rem 1.25rem; border-bottom: 1px solid var(--line); }
header a { color: var(--soft); text-decoration: none; }
header a:hover, header a[aria-current] { color: var(--accent); }
header nav { display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; }
header .brand { font-weight: 700; letter-spacing: .02em; color: var(--ink); }
`.trimStart();

/** The sheet of all other pages: the system's fonts, one column on a phone. */
export const style = `${frame}
* { box-sizing: border-box; }
html { font: 17px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; background: var(--ground); color: var(--ink); }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; overflow-wrap: break-word; }
header, main, footer { width: 100%; max-width: 62rem; margin: 0 auto; padding-inline: 1.25rem; }
main { flex: 1; padding-block: 1.5rem 4rem; }
footer { padding-block: 1.2rem 2rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem; }
h1 { font-size: clamp(1.7rem, 5vw, 2.3rem); line-height: 1.2; letter-spacing: -.015em; margin: 1.2rem 0 .6rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.8rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
p, ul, dl { margin: .5rem 0 1rem; max-width: 44rem; }
.lead { font-size: 1.15rem; color: var(--soft); }
.soft { color: var(--soft); }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code, pre { font-family: var(--mono); font-size: .87em; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1rem; margin: .4rem 0 1.2rem; line-height: 1.55; white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { font-size: .82rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .8rem; list-style: none; padding: 0; max-width: none; }
.cards li { background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; }
.cards a { font-weight: 600; }
.cards p { margin: .15rem 0 0; color: var(--soft); font-size: .92rem; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1.4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem 1rem .45rem 0; border-bottom: 1px solid var(--line); }
thead th { font-size: .85rem; font-weight: 500; color: var(--soft); }
tbody th { font-weight: 400; }
tbody th, td code { white-space: nowrap; }
.live { list-style: none; padding: 0; max-width: none; margin: .4rem 0 1.4rem; border-top: 1px solid var(--line); }
.live:empty { display: none; }
.live li { display: grid; grid-template-columns: 6.2rem 1fr auto; gap: 0 1rem; align-items: baseline; padding: .5rem .2rem; border-bottom: 1px solid var(--line); }
.live .title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.live time { color: var(--soft); font-size: .88rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.severity { font-size: .82rem; color: var(--soft); }
.severity::before { content: ""; display: inline-block; width: .6em; height: .6em; border-radius: 50%; margin-right: .5em; background: currentColor; }
.severity.extreme { color: light-dark(#8f1d3f, #ff9db4); }
.severity.severe { color: light-dark(#a8481b, #ffb187); }
.severity.moderate { color: light-dark(#7a5d00, #e8cf72); }
@media (prefers-reduced-motion: no-preference) {
  .live .fresh { animation: fresh 2.4s ease-out; }
  @keyframes fresh { from { background: color-mix(in srgb, var(--accent) 22%, transparent); } }
}
.status { font-variant-numeric: tabular-nums; color: var(--soft); }
dt { font-weight: 600; margin-top: 1rem; }
dd { margin: .15rem 0 0; }
.choices { display: flex; flex-direction: column; align-items: flex-start; gap: .6rem; margin: 1.2rem 0; }
.choices button { font: inherit; font-weight: 600; color: var(--accent); background: var(--raised); border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1.1rem; cursor: pointer; }
.choices button:hover { border-color: var(--accent); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--raised); padding: .4rem .8rem; }
@media (max-width: 40rem) {
  html { font-size: 16px; }
  thead { position: absolute; left: -99rem; }
  table, tbody, tr, th, td { display: block; width: auto; }
  tbody th, td code { white-space: normal; }
  .live li { grid-template-columns: 1fr auto; }
  .live .title { grid-column: 1 / -1; grid-row: 2; white-space: normal; }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  th, td { border: 0; padding: .05rem 0; }
}
`.trimStart();

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5c6b"/><path d="M7 23h18M10 18h12M13 13h6" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>`;
