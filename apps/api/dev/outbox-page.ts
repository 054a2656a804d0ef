import type { Shown } from "@dais/local/vendors/shown";
import { asset } from "../pages/asset.ts";
import { type Html, html } from "../pages/html.ts";
import { document } from "../pages/layout.ts";
import { style } from "../pages/style.ts";

const names = { whatsapp: "WhatsApp", sms: "SMS", email: "Mail", teams: "Teams" } as const;

/** What a recipient of each channel may do with a message. Teams tells nothing back, and who called mail spam can't take it back. */
const buttons = {
  whatsapp: [
    ["delivered", "Delivered"],
    ["read", "Read"],
    ["ok", "Reply “OK”"],
    ["stop", "Reply “STOP”"],
    ["start", "Reply “START”"],
  ],
  sms: [
    ["delivered", "Delivered"],
    ["ok", "Reply “OK”"],
    ["stop", "Reply “STOP”"],
    ["start", "Reply “START”"],
  ],
  email: [
    ["delivered", "Delivered"],
    ["read", "Opened"],
    ["stop", "Report as spam"],
  ],
  teams: [],
} as const;

/** Whether a message has such a button. */
export const offers = ({ channel }: Shown, what: string): boolean => buttons[channel].some(([one]) => one === what);

/** Every message, the newest first, as its recipient would see it. */
export const outboxPage = (messages: readonly Shown[], publicUrl: string) =>
  document(
    "Outbox",
    "What the stand-ins for the vendors took.",
    html`<header><a class="brand" href="/">Dais</a><nav aria-label="Development"><a href="/dev/outbox" aria-current="page">Outbox</a></nav></header>
<main id="main"><h1>Outbox</h1>
<p class="lead">Nothing of this left the machine. Stand-ins for the vendors took these messages, newest first; the buttons have them tell what becomes of one.</p>
${messages.length === 0 ? html`<p class="soft">Nothing yet. Distribute a briefing, or make a dispatch.</p>` : null}
<ol class="outbox">${messages.map((message) => entry(message, publicUrl))}</ol></main>`,
    {
      ...{ path: "/dev/outbox.css", sheet: outboxSheet },
      policy:
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    },
  );

function entry(message: Shown, publicUrl: string): Html {
  const { id, channel, from, to, status, code, at } = message;
  return html`<li id="m-${id}" class="${channel}">
<div class="about"><strong>${names[channel]}</strong> <span dir="ltr">${to}</span> <time datetime="${at.toISOString()}">${at.toISOString().slice(11, 19)}</time> <span class="status">${status}${code === null ? null : ` ${code}`}</span></div>
${channel === "email" ? mail(message, publicUrl) : bubble(message, from, publicUrl)}
${
  buttons[channel].length === 0
    ? null
    : html`<form method="post" action="/dev/outbox/${id}">${buttons[channel].map(([what, label]) => html`<button name="do" value="${what}">${label}</button>`)}</form>`
}</li>`;
}

const bubble = ({ text }: Shown, from: string, publicUrl: string): Html =>
  html`<div class="phone"><div class="from" dir="ltr">${from}</div><div class="bubble" dir="auto">${linked(text, publicUrl)}</div></div>`;

function mail({ id, from, subject, text, html: written, attachments }: Shown, publicUrl: string): Html {
  const body =
    written === null
      ? html`<div class="plain" dir="auto">${linked(text, publicUrl)}</div>`
      : html`<iframe src="/dev/outbox/${id}/html" title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" loading="lazy"></iframe>`;
  const files = attachments.map(
    ({ name, size }, n) =>
      html`<li><a href="/dev/outbox/${id}/files/${n}" download>${name}</a> <span class="soft">${Math.ceil(size / 1024)} KB</span></li>`,
  );
  return html`<div class="mail"><div class="head"><div class="subject" dir="auto">${subject}</div><div class="soft" dir="ltr">${from}</div></div>
${body}${files.length === 0 ? null : html`<ul class="files">${files}</ul>`}</div>`;
}

/** Text with its links to this server as links; it is data otherwise. */
function linked(text: string, publicUrl: string): Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((piece, n) =>
      n % 2 === 1 && piece.startsWith(`${publicUrl}/`)
        ? html`<a href="${piece}" target="_blank" rel="noreferrer">${piece}</a>`
        : html`${piece}`,
    );
}

export const outboxSheet = asset(
  "text/css; charset=utf-8",
  `${style}
.outbox { list-style: none; padding: 0; margin: 1.5rem 0; display: grid; gap: 1.4rem; }
.outbox > li { background: var(--raised); border: 1px solid var(--line); border-radius: 12px; padding: .9rem 1rem 1rem; scroll-margin-top: 1rem; }
.outbox > li:target { border-color: var(--accent); }
.about { display: flex; flex-wrap: wrap; gap: .1rem .9rem; align-items: baseline; font-size: .92rem; margin-bottom: .7rem; }
.about time { color: var(--soft); font-variant-numeric: tabular-nums; }
.about .status { margin-inline-start: auto; }
.phone { border-radius: 10px; padding: .8rem; background: light-dark(#efeae2, #0c1317); }
.sms .phone, .teams .phone { background: light-dark(#f2f2f5, #17191e); }
.from { font-size: .8rem; color: var(--soft); margin-bottom: .35rem; }
.bubble { width: fit-content; max-width: min(100%, 30rem); padding: .55rem .8rem; border-radius: 4px 14px 14px 14px; white-space: pre-wrap; overflow-wrap: anywhere; background: light-dark(#ffffff, #1f2c34); box-shadow: 0 1px 1px rgb(0 0 0 / .12); }
.sms .bubble { background: light-dark(#e3e3e8, #2b2e36); border-radius: 16px; box-shadow: none; }
.teams .bubble { background: light-dark(#ffffff, #24262d); border-left: 3px solid #5b5fc7; border-radius: 4px; }
.mail { border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.mail .head { padding: .7rem .9rem; border-bottom: 1px solid var(--line); }
.mail .subject { font-weight: 600; }
.mail iframe { display: block; width: 100%; height: 17rem; border: 0; background: #fff; }
.mail .plain { padding: .9rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.mail .files { list-style: none; margin: 0; padding: .6rem .9rem; border-top: 1px solid var(--line); max-width: none; }
.outbox form { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .8rem; }
.outbox button { font: inherit; font-size: .9rem; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 8px; padding: .35rem .8rem; cursor: pointer; }
.outbox button:hover { border-color: var(--accent); }
`,
);
