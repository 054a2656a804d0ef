/** Of all pages. Nothing is fetched: fonts are the machine's. */
export const style = `
:root { color-scheme: light dark; --ink: #1b2330; --quiet: #5b6675; --line: #dfe3e9; --card: #fff; --ground: #f2f4f7; --accent: #1f5fbf; --soft: #eef3fb; --bad: #a3261c; --badsoft: #fdf0ee; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf2; --quiet: #9aa5b4; --line: #333c49; --card: #1b212a; --ground: #11151b; --accent: #7fb0ff; --soft: #232c39; --bad: #ff9d92; --badsoft: #33201e; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; align-items: center; justify-content: center; padding: 24px 16px; background: var(--ground); color: var(--ink); font: 16px/1.45 "Segoe UI", system-ui, -apple-system, "Noto Sans", "Noto Sans Arabic", sans-serif; }
main { width: 100%; max-width: 440px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 32px 28px 24px; }
h1 { font-size: 22px; line-height: 1.25; font-weight: 600; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 0 0 16px; }
.quiet { color: var(--quiet); font-size: 14px; }
.says { color: var(--bad); background: var(--badsoft); border-radius: 8px; padding: 10px 14px; font-size: 15px; }
form { margin: 0; }
button { font: inherit; color: inherit; cursor: pointer; }
button:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.people { list-style: none; margin: 20px 0 0; padding: 0; }
.people button { display: flex; gap: 14px; align-items: center; width: 100%; text-align: start; background: none; border: 0; border-top: 1px solid var(--line); padding: 12px 8px; }
.people button:hover { background: var(--soft); }
.initials { flex: none; width: 40px; height: 40px; border-radius: 50%; background: var(--soft); color: var(--accent); display: flex; align-items: center; justify-content: center; font-size: 15px; font-weight: 600; }
.who { min-width: 0; flex: 1; }
.names { display: flex; flex-wrap: wrap; justify-content: space-between; column-gap: 12px; }
.name { font-weight: 600; overflow-wrap: anywhere; }
.name[lang="ar"] { font-weight: 400; color: var(--quiet); }
.title { display: block; color: var(--quiet); font-size: 14px; overflow-wrap: anywhere; }
.shown { background: var(--soft); border-radius: 8px; padding: 14px 16px; margin: 20px 0 16px; }
.code { display: block; font: 600 30px/1.3 ui-monospace, "Cascadia Mono", Menlo, "Noto Sans Mono", monospace; letter-spacing: 2px; }
label { display: block; font-size: 14px; color: var(--quiet); margin-bottom: 4px; }
.row { display: flex; gap: 8px; margin-bottom: 12px; }
input { font: inherit; flex: 1; min-width: 0; padding: 9px 12px; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: 8px; }
.main, .other { border-radius: 8px; padding: 10px 18px; font-weight: 600; }
.main { background: var(--accent); color: var(--card); border: 1px solid var(--accent); }
.other { background: none; border: 1px solid var(--line); }
.wide { width: 100%; margin-bottom: 12px; }
.foot { display: flex; justify-content: space-between; align-items: center; margin-top: 16px; padding-top: 12px; border-top: 1px solid var(--line); }
.link { background: none; border: 0; padding: 6px 0; color: var(--accent); font-size: 14px; }
a { color: var(--accent); }
iframe { display: none; }
`;
