import type { Courier, Found, Handed, Message, Unsent } from "@dais/kernel/couriers/port";
import { isObject } from "../http.ts";
import { away, codeFrom, objectIn, refused, short, tooMany, withoutBody } from "../outgoing/handed.ts";
import { baseOf, type Heard, line, sendingAtOnce } from "../outgoing/line.ts";
import { type Graph, graphOf, pageIn } from "./graph.ts";
import { contentOf, escaped } from "./message.ts";
import type { TeamsSettings } from "./settings.ts";
import { tokensOf } from "./token.ts";

export type { TeamsSettings } from "./settings.ts";

const mostChats = 10_000;
const mostPages = 5;
const skewMs = 10 * 60_000;

/**
 * Microsoft Teams: a message to each from one account, in their chat of two.
 * @see https://learn.microsoft.com/graph/api/chat-post and chat-post-messages
 * @throws Error where the settings can't be used
 */
export function teamsCourier(settings: TeamsSettings): Courier {
  const { graphUrl, tokenUrl, senderId, timeoutMs = 10_000, now } = settings;
  const way = line({ timeoutMs });
  const base = baseOf(graphUrl);
  const graph = graphOf(base, tokensOf(settings, withoutSlash(baseOf(tokenUrl)), way), way);
  const chats = new Map<string, string>();

  /** There is one chat of two people, however often it is asked for: a lost answer costs nothing here. */
  async function chatWith(user: string, signal: AbortSignal): Promise<string | Handed | Unsent> {
    const known = chats.get(user);
    if (known !== undefined) return known;
    const members = [senderId, user].map((id) => memberOf(base, id));
    const heard = await graph.post("v1.0/chats", { chatType: "oneOnOne", members }, signal);
    const open = withoutBody(heard);
    if (open?.kind === "unknown") return refused(open.code, "retry");
    const id = idIn(heard);
    if (id === null) return notTaken(heard, now());
    if (chats.size >= mostChats) chats.clear();
    chats.set(user, id);
    return id;
  }

  return {
    channel: "teams",
    vendor: "teams",
    honoursKeys: false,
    atOnce: sendingAtOnce,
    async send(message, signal, still) {
      const asked = contentOf(message);
      if (asked.kind === "refused") return asked;
      const chat = await chatWith(message.to, signal);
      if (typeof chat !== "string") return chat;
      const body = { body: { contentType: "html", content: asked.content } };
      const heard = await graph.post(messagesOf(chat), body, signal, still);
      const id = idIn(heard);
      if (heard.kind === "answered" && heard.status === 404) chats.delete(message.to);
      return id ? { kind: "accepted", vendorId: vendorIdOf(chat, id), status: "sent" } : notTaken(heard, now());
    },
    async find(message, since, signal) {
      const chat = await chatWith(message.to, signal);
      // Whatever keeps us from the chat now need not have kept us from it then.
      if (typeof chat !== "string") return away;
      return found(graph, chat, message, since, signal);
    },
    close: async () => way.close(),
  };
}

const withoutSlash = (url: URL): URL => new URL(url.href.replace(/\/$/, ""));

const memberOf = (base: URL, id: string) => ({
  "@odata.type": "#microsoft.graph.aadUserConversationMember",
  roles: ["owner"],
  "user@odata.bind": `${base.href}v1.0/users('${id}')`,
});

/**
 * A message is known by its chat and its id: the id is the moment it was made, and another chat may have one of the same.
 * @see https://learn.microsoft.com/graph/api/resources/chatmessage#properties
 */
const vendorIdOf = (chat: string, id: string): string => `${chat}/${id}`;

const messagesOf = (chat: string): string => `v1.0/chats/${encodeURIComponent(chat)}/messages`;

/** The id of what was made. */
function idIn(heard: Heard): string | null {
  const made = heard.kind === "answered" && heard.status >= 200 && heard.status < 300;
  return made ? short(objectIn(heard.text)?.id) : null;
}

/** @see https://learn.microsoft.com/graph/errors */
function notTaken(heard: Heard, now: Date): Handed | Unsent {
  const certain = withoutBody(heard);
  if (certain || heard.kind === "lost") return certain ?? refused("unreachable", "retry");
  const error = objectIn(heard.text)?.error;
  const code = (isObject(error) ? codeFrom(error.code) : null) ?? `http_${heard.status}`;
  if (heard.status < 300) return { kind: "unknown", code: "unreadable" };
  return heard.status === 429 ? tooMany(heard, code, now) : refused(code);
}

/** Looks for a message among the chat's last, newest first. */
async function found(
  graph: Graph,
  chat: string,
  { marker }: Message,
  since: Date,
  signal: AbortSignal,
): Promise<Found> {
  let path = `${messagesOf(chat)}?$top=50&$orderby=createdDateTime%20desc`;
  for (let pages = 1; pages <= mostPages; pages += 1) {
    const page = pageIn(await graph.get(path, signal));
    if (page === null) return away;
    const ours = page.value.find(({ body }) => isObject(body) && holds(body.content, marker));
    const id = short(ours?.id);
    if (id) return { kind: "found", vendorId: vendorIdOf(chat, id), status: "sent", code: null };
    const old = page.value.some(
      ({ createdDateTime }) => Date.parse(String(createdDateTime)) < since.getTime() - skewMs,
    );
    if (old || page.next === null) return { kind: "absent" };
    path = page.next;
  }
  return away;
}

const holds = (content: unknown, marker: string): boolean =>
  typeof content === "string" && (content.includes(marker) || content.includes(escaped(marker)));
