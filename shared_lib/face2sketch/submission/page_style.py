"""The report's look: the book's warm paper by day and graphite by night, in system fonts, down to the width of a phone."""

CSS = """
:root {
  color-scheme: light dark;
  --paper: #fbf8f2; --raised: #f4efe5; --ink: #2b2a28; --muted: #625d55; --rule: #e0d8c9; --accent: #96402c;
  --link: #8a3a27; --good: #1f6b4a; --warn: #8a5a00; --bad: #a32020; --track: #e9e1d2; --other: #5b554f;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", serif;
  --sans: Avenir, "Avenir Next", Montserrat, Corbel, "URW Gothic", "Noto Sans", sans-serif;
  --mono: ui-monospace, "Cascadia Code", "Source Code Pro", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #17191c; --raised: #23272c; --ink: #e6e1d8; --muted: #a9a49b; --rule: #383d44; --accent: #e79a83;
    --link: #eaa48f; --good: #7fcfa6; --warn: #e6bd6a; --bad: #ff9d94; --track: #2c3137; --other: #a9a49b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { background: var(--paper); color: var(--ink); font: 1.06rem/1.62 var(--serif); margin: 0; }
main, header, footer { margin: 0 auto; max-width: 62rem; padding: 0 1.4rem; }
header { padding-top: 2.4rem; }
p, li { max-width: 74ch; overflow-wrap: break-word; text-wrap: pretty; }
h1, h2, h3 { font-weight: 650; letter-spacing: -0.012em; line-height: 1.22; overflow-wrap: anywhere; text-wrap: balance; }
h1 { font-size: clamp(1.9rem, 4.6vw, 2.7rem); margin: 0.2rem 0 0.4rem; }
h2 { border-bottom: 1px solid var(--rule); font-size: 1.55rem; margin: 3rem 0 1rem; padding-bottom: 0.35rem; }
h3 { font-size: 1.2rem; margin: 2rem 0 0.6rem; }
a { color: var(--link); }
code { font-family: var(--mono); font-size: 0.88em; overflow-wrap: anywhere; }
.kind, nav, .mark, .tag, table, .chart, figure, dl, summary { font-family: var(--sans); }
.kind { color: var(--muted); font-size: 0.78rem; letter-spacing: 0.09em; margin: 0; text-transform: uppercase; }
.authors { color: var(--muted); margin: 0 0 1rem; }
.description { white-space: pre-line; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; list-style: none; margin: 1.4rem 0 0; padding: 0; }
nav a { display: inline-block; font-size: 0.92rem; padding: 0.3rem 0; }
.notice { background: var(--raised); border-left: 4px solid var(--bad); border-radius: 0 12px 12px 0; margin: 1.2rem 0;
  padding: 0.7rem 1.1rem; }
.notice p { margin: 0; }
.verdict { font-family: var(--sans); font-size: 1.02rem; font-weight: 600; margin: 0.8rem 0; }
.checks { list-style: none; margin: 0; padding: 0; }
.checks li { align-items: baseline; border-bottom: 1px solid var(--rule); display: grid; gap: 0.15rem 1.1rem;
  grid-template-columns: 5rem 14rem 1fr; line-height: 1.45; max-width: none; padding: 0.55rem 0; }
.checks p { margin: 0; }
.checks p + p { margin-top: 0.35rem; }
.checks .what { font-family: var(--sans); font-size: 0.95rem; font-weight: 600; }
.mark { font-size: 0.86rem; font-weight: 600; white-space: nowrap; }
.passed { color: var(--good); } .warning { color: var(--warn); } .failed { color: var(--bad); }
.tag { color: var(--muted); display: block; font-size: 0.8rem; }
.scrolls { margin: 1rem 0 1.4rem; max-width: 100%; overflow-x: auto; }
.scrolls:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; line-height: 1.4; }
caption { caption-side: top; color: var(--muted); font-size: 0.88rem; padding-bottom: 0.5rem; text-align: left; }
th, td { border-bottom: 1px solid var(--rule); padding: 0.4rem 0.75rem; text-align: left; vertical-align: top; }
th:first-child { padding-left: 0; }
thead th { border-bottom: 2px solid var(--muted); vertical-align: bottom; white-space: nowrap; }
tbody th { font-weight: 400; max-width: 15rem; min-width: 7.5rem; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
.small { color: var(--muted); display: block; font-size: 0.8rem; font-weight: 400; }
.marked th, .marked td { background: var(--raised); font-weight: 650; }
.marked th { color: var(--accent); padding-left: 0.5rem; }
.charts { display: grid; gap: 1.6rem 2.2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
.chart { font-size: 0.86rem; line-height: 1.3; margin: 0; }
.chart figcaption { font-weight: 600; margin-bottom: 0.5rem; }
.chart figcaption span { color: var(--muted); font-weight: 400; }
.row { align-items: center; display: grid; gap: 0 0.7rem; grid-template-columns: 7.6rem 1fr 3.6rem; min-height: 1.55rem; }
.row > :first-child { line-height: 1.5; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row > :last-child { font-variant-numeric: tabular-nums; text-align: right; }
.track { background: var(--track); border-radius: 2px; color: var(--other); height: 2px; position: relative; }
.track i { background: currentColor; border-radius: 3px; height: 6px; opacity: 0.45; position: absolute; top: -2px; }
.track b { background: currentColor; border-radius: 50%; height: 11px; margin-left: -5.5px; position: absolute; top: -4.5px;
  width: 11px; }
.mine { color: var(--accent); font-weight: 650; } .mine .track { color: var(--accent); }
.ends { color: var(--muted); display: flex; font-size: 0.78rem; font-variant-numeric: tabular-nums; grid-column: 2;
  justify-content: space-between; }
.people { display: grid; gap: 1.3rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
.person { margin: 0; }
.person div { display: grid; gap: 4px; grid-template-columns: repeat(4, 1fr); }
.person span { color: var(--muted); font-size: 0.78rem; line-height: 1.25; overflow-wrap: anywhere; padding-bottom: 0.2rem; }
.person img { border: 1px solid var(--rule); border-radius: 6px; display: block; height: auto; width: 100%; }
.person figcaption { font-size: 0.88rem; margin-top: 0.35rem; }
dl { display: grid; font-size: 0.92rem; gap: 0.35rem 1.2rem; grid-template-columns: max-content 1fr; }
dt { color: var(--muted); } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
details { border: 1px dashed var(--rule); border-radius: 12px; margin: 1rem 0; padding: 0.5rem 1rem; }
summary { color: var(--link); cursor: pointer; }
footer { color: var(--muted); font-size: 0.9rem; padding-bottom: 3rem; padding-top: 2.5rem; }
@media (max-width: 600px) {
  body { font-size: 1rem; }
  main, header, footer { padding-left: 0.9rem; padding-right: 0.9rem; }
  .checks li { grid-template-columns: 1fr; }
  th, td { padding: 0.35rem 0.5rem; }
  .row { grid-template-columns: 6.4rem 1fr 3.4rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.6rem; }
}
@media print {
  :root { --paper: #fff; }
  .track, .track i, .track b, .marked td, .marked th { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
