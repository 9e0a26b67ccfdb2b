"""The style of a transcript's page: one column, light and dark, and on paper. Nothing in it is fetched."""

STYLE = """
:root { color-scheme: light dark; --ink: #1d1f23; --quiet: #5b616c; --paper: #fff; --shade: #f4f5f7; --line: #d9dce1;
  --accent: #2456c9; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ec; --quiet: #a2a9b5; --paper: #16181c; --shade: #22252b;
  --line: #373c45; --accent: #8fb0ff; } }
* { box-sizing: border-box; }
html { font: 1rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--paper); text-size-adjust: 100%; }
body { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; }
h3, h4, h5, h6 { font-size: 1.0625rem; line-height: 1.4; margin: 1.5em 0 .5em; }
h3 { font-size: 1.25rem; }
a { color: var(--accent); }
.about, .ending, footer { color: var(--quiet); font-size: .875rem; }
article { margin-block: 2rem; }
article > header { display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; margin-block-end: .25rem; }
article > header h2 { font-size: .875rem; margin: 0; }
time { color: var(--quiet); font-size: .8125rem; }
.user > .text { background: var(--shade); border-radius: .75rem; padding: .75rem 1rem; white-space: pre-wrap; }
.as-written, .system > .text { white-space: pre-wrap; }
.text > :first-child { margin-block-start: 0; }
.text > :last-child { margin-block-end: 0; }
pre, details > div { background: var(--shade); border-radius: .5rem; padding: .75rem 1rem; overflow-x: auto; }
pre { white-space: pre; font-size: .875rem; }
details > div { white-space: pre-wrap; color: var(--quiet); font-size: .875rem; }
summary { cursor: pointer; color: var(--quiet); font-size: .875rem; }
details { margin-block: .5rem; }
code { font-family: ui-monospace, monospace; font-size: .875em; }
pre code { font-size: inherit; }
blockquote { margin-inline: 0; padding-inline-start: 1rem; border-inline-start: 3px solid var(--line);
  color: var(--quiet); }
.table { overflow-x: auto; margin-block: 1em; }
table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .375rem .75rem; text-align: start; }
.align-left { text-align: left; }
.align-center { text-align: center; }
.align-right { text-align: right; }
img { max-width: 100%; height: auto; border-radius: .5rem; }
hr { border: 0; border-block-start: 1px solid var(--line); }
.contains-task-list { list-style: none; padding-inline-start: .5rem; }
.files { display: flex; flex-wrap: wrap; gap: .75rem; margin-block: .5rem; padding: 0; list-style: none; }
.files img { display: block; max-height: 20rem; }
footer { border-block-start: 1px solid var(--line); margin-block-start: 3rem; padding-block-start: 1rem; }
@media print {
  :root { color-scheme: light; --ink: #000; --quiet: #444; --paper: #fff; --shade: #f4f4f4; --line: #bbb;
    --accent: #000; }
  body { max-width: none; padding: 0; }
  pre { white-space: pre-wrap; }
  article > header, h3, h4, h5, h6 { break-after: avoid; }
  pre, blockquote, img, tr { break-inside: avoid; }
}
"""
