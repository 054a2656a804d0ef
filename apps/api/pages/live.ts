import { asset } from "./asset.ts";
import { type Html, html } from "./html.ts";

/**
 * Where signals arrive on the front page. The script fills it; without one it stays hidden, and nothing is missing.
 * @param signIn Where a visitor may sign in; null: nobody is asked to.
 */
export const liveSection = (signIn: string | null): Html => html`
<section id="live" hidden${signIn === null ? null : html` data-sign-in="${signIn}"`}>
<h2>As it happens</h2>
<p class="soft" role="status"></p>
<ol class="live"></ol>
</section>`;

/**
 * Reads the latest signals with the session's cookie, and then each one that the stream tells of. What is in them is text from outside:
 * it is shown as text, and never becomes part of the page's own.
 */
export const liveScript = asset(
  "text/javascript; charset=utf-8",
  `"use strict";
(() => {
  const section = document.getElementById("live");
  const status = section.querySelector("[role=status]");
  const list = section.querySelector("ol");
  const most = 6;
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const severities = ["extreme", "severe", "moderate", "minor", "unknown"];

  const read = async (path) => {
    const answer = await fetch("/v1" + path, { headers: { accept: "application/json" } });
    if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
    return answer.json();
  };

  const element = (name, text, className) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const itemOf = (signal, fresh) => {
    const severity = severities.includes(signal.severity) ? signal.severity : "unknown";
    const when = element("time", time.format(new Date(signal.occurredAt)));
    when.dateTime = signal.occurredAt;
    const item = element("li", "", fresh ? "fresh" : "");
    item.dataset.id = signal.id;
    const title = element("span", signal.title, "title");
    title.dir = "auto";
    item.append(element("span", severity, "severity " + severity), title, when);
    return item;
  };

  const shown = (id) => [...list.children].find((item) => item.dataset.id === id);
  const say = (text) => status.replaceChildren(text);

  /** What there is, from the start. */
  const refresh = async () => {
    const { items } = await read("/signals?limit=" + most);
    list.replaceChildren(...items.map((signal) => itemOf(signal, false)));
    say(items.length === 0 ? "No signal yet." : "The latest signals. New ones appear by themselves.");
  };

  /** One more, on top. */
  const arrived = async (id) => {
    const signal = await read("/signals/" + encodeURIComponent(id));
    shown(id)?.remove();
    list.prepend(itemOf(signal, true));
    while (list.children.length > most) list.lastElementChild.remove();
  };

  const stopped = (problem) => {
    list.replaceChildren();
    const { signIn } = section.dataset;
    section.hidden = problem.status !== 401 || !signIn;
    if (section.hidden) return;
    const link = element("a", "Sign in");
    link.href = signIn;
    status.replaceChildren(link, " as one of the demo’s people, and see signals appear here as they arrive.");
  };

  const follow = () => {
    const stream = new EventSource("/v1/events/stream?types=signal.ingested");
    // Opened first, and then read: nothing can happen in between.
    stream.onopen = () => refresh().catch(stopped);
    stream.onmessage = ({ data }) => arrived(JSON.parse(data).subject).catch(() => {});
    stream.addEventListener("reload", () => refresh().catch(stopped));
    // It comes back by itself, unless the server says no: then reading says why.
    stream.onerror = () => stream.readyState === EventSource.CLOSED && refresh().catch(stopped);
  };

  refresh().then(() => {
    section.hidden = false;
    follow();
  }, stopped);
})();
`,
);
