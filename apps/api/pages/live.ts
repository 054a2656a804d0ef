import { asset } from "./asset.ts";
import { type Html, html } from "./html.ts";

/**
 * Where signals and changes of posture arrive on the front page. The script fills it; without one it stays hidden, and nothing is missing.
 * @param signIn Where a visitor may sign in; null: nobody is asked to.
 */
export const liveSection = (signIn: string | null): Html => html`
<section id="live" hidden${signIn === null ? null : html` data-sign-in="${signIn}"`}>
<h2>As it happens</h2>
<p class="posture" hidden></p>
<p class="soft" role="status"></p>
<ol class="live"></ol>
</section>`;

/**
 * Reads the posture and the latest signals with the session's cookie, and then whatever the stream tells of. What is in them is text from outside:
 * it is shown as text, and never becomes part of the page's own.
 */
export const liveScript = asset(
  "text/javascript; charset=utf-8",
  `"use strict";
(() => {
  const section = document.getElementById("live");
  const status = section.querySelector("[role=status]");
  const list = section.querySelector("ol");
  const posture = section.querySelector(".posture");
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

  const itemOf = ({ id, at, what, mark, text }, fresh) => {
    const when = element("time", time.format(new Date(at)));
    when.dateTime = at;
    const item = element("li", "", fresh ? "fresh" : "");
    item.dataset.id = id;
    const title = element("span", text, "title");
    title.dir = "auto";
    item.append(element("span", what, "severity " + mark), title, when);
    return item;
  };

  const ofSignal = ({ id, severity, title, occurredAt }) => {
    const what = severities.includes(severity) ? severity : "unknown";
    return { id, at: occurredAt, what, mark: what, text: title };
  };

  /** A level by its names, in both languages. */
  let names = new Map();
  const nameOf = (level) => names.get(level) ?? level;
  const learn = async () => {
    const { items } = await read("/posture/levels");
    names = new Map(items.map(({ key, name }) => [key, name.ar ? name.en + " · \\u2068" + name.ar + "\\u2069" : name.en]));
  };

  const ofChange = ({ id, state, level, reason, updatedAt }) => {
    return { id, at: updatedAt, what: "posture " + state, mark: state === "proposed" ? "severe" : "", text: nameOf(level) + ": " + reason };
  };

  /** What holds, and what somebody should decide about. Who may read neither sees the signals all the same. */
  const standing = async () => {
    await learn();
    const now = await read("/posture");
    posture.replaceChildren("Posture: ", element("strong", nameOf(now.level)));
    posture.hidden = false;
    return (await read("/posture/changes?limit=2&state=proposed")).items;
  };

  const shown = (id) => [...list.children].find((item) => item.dataset.id === id);
  const say = (text) => status.replaceChildren(text);

  /** What there is, from the start. */
  const refresh = async () => {
    const { items } = await read("/signals?limit=" + most);
    const changes = await standing().catch(() => []);
    const all = [...changes.map(ofChange), ...items.map(ofSignal)].slice(0, most);
    list.replaceChildren(...all.map((one) => itemOf(one, false)));
    say(items.length === 0 ? "No signal yet." : "The latest signals. New ones appear by themselves.");
  };

  /** One more, on top. */
  const arrived = async (id) => {
    const change = id.startsWith("pos_");
    const one = await read((change ? "/posture/changes/" : "/signals/") + encodeURIComponent(id));
    if (change) await standing().catch(() => {});
    shown(id)?.remove();
    list.prepend(itemOf(change ? ofChange(one) : ofSignal(one), true));
    while (list.children.length > most) list.lastElementChild.remove();
  };

  const stopped = (problem) => {
    list.replaceChildren();
    posture.hidden = true;
    const { signIn } = section.dataset;
    section.hidden = problem.status !== 401 || !signIn;
    if (section.hidden) return;
    const link = element("a", "Sign in");
    link.href = signIn;
    status.replaceChildren(link, " as one of the demo’s people, and see signals appear here as they arrive.");
  };

  const follow = () => {
    const types = ["signal.ingested", ...["proposed", "confirmed", "rejected", "withdrawn", "superseded"].map((one) => "posture." + one)];
    const stream = new EventSource("/v1/events/stream?" + types.map((type) => "types=" + type).join("&"));
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
