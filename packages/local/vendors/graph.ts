import { randomBytes } from "node:crypto";
import { type Asked, objectOf, open, type Reply } from "./door.ts";
import { type FaultPlan, faultsOf } from "./faults.ts";
import type { Shown } from "./shown.ts";

export type GraphOptions = {
  clientId?: string;
  clientSecret?: string;
  /** The account that writes. */
  senderId?: string;
  /** Who is in the directory; without it everybody whose id is one. */
  users?: readonly string[];
  /** How long a token is good for. */
  tokenSeconds?: number;
  faults?: FaultPlan;
  now?(): Date;
};

type Written = { id: string; content: string; at: Date };
type Chat = { id: string; with: string; messages: Written[] };

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const scopes = ["Chat.Create", "ChatMessage.Send", "Chat.Read"];

/**
 * Stands in for Microsoft Graph, as far as chats of two and their messages go, and for the directory's token endpoint.
 * @see https://learn.microsoft.com/graph/api/chat-post, chat-post-messages and chat-list-messages
 */
export async function startGraph(options: GraphOptions = {}) {
  const { clientId = "dais", clientSecret = "graph-stand-in", tokenSeconds = 3600, now = () => new Date() } = options;
  const { senderId = "00000000-0000-4000-8000-000000000001", users } = options;
  const faults = faultsOf(options.faults);
  const tokens = new Map<string, number>();
  const chats = new Map<string, Chat>();
  const byUser = new Map<string, Chat>();
  const written: { chat: Chat; message: Written }[] = [];
  let refreshToken = "refresh-0";
  let renewals = 0;

  function answer(asked: Asked): Reply {
    const { method, path, headers } = asked;
    if (/^\/[\w-]+\/oauth2\/v2\.0\/token$/.test(path) && method === "POST") return renew(asked);
    const until = tokens.get(headers.authorization?.replace(/^Bearer /, "") ?? "");
    if (until === undefined || until <= now().getTime())
      return refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
    if (path === "/v1.0/chats" && method === "POST") return chat(asked);
    const found = /^\/v1\.0\/chats\/([^/]+)\/messages$/.exec(path)?.[1];
    const there = found === undefined ? undefined : chats.get(decodeURIComponent(found));
    if (there && method === "POST") return write(there, asked);
    if (there && method === "GET") return list(there, asked);
    return refusal(404, "NotFound", "The resource could not be found.");
  }

  /** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#refresh-the-access-token */
  function renew({ body }: Asked): Reply {
    const form = new URLSearchParams(body.toString("utf8"));
    if (form.get("client_id") !== clientId || form.get("client_secret") !== clientSecret)
      return {
        status: 401,
        body: { error: "invalid_client", error_description: "AADSTS7000215: Invalid client secret provided." },
      };
    const asked = form.get("scope") ?? "";
    if (form.get("grant_type") !== "refresh_token" || !scopes.every((scope) => asked.includes(`/${scope}`)))
      return {
        status: 400,
        body: { error: "invalid_request", error_description: "AADSTS900144: a parameter is missing." },
      };
    // The one before is good for some time still, as there.
    const given = Number(/^refresh-(\d+)$/.exec(form.get("refresh_token") ?? "")?.[1] ?? -1);
    if (given < 0 || given > renewals)
      return {
        status: 400,
        body: { error: "invalid_grant", error_description: "AADSTS70008: The refresh token has expired." },
      };
    renewals += 1;
    refreshToken = `refresh-${renewals}`;
    const access = randomBytes(24).toString("base64url");
    tokens.set(access, now().getTime() + tokenSeconds * 1000);
    const answered = {
      token_type: "Bearer",
      expires_in: tokenSeconds,
      access_token: access,
      refresh_token: refreshToken,
    };
    return { status: 200, body: answered };
  }

  function chat({ body }: Asked): Reply {
    const said = objectOf(body);
    const members = Array.isArray(said?.members) ? (said.members as Record<string, unknown>[]) : [];
    const ids = members.map((member) => /\/users\('([^']+)'\)$/.exec(String(member["user@odata.bind"]))?.[1] ?? "");
    const formed = members.every(
      (one) => one["@odata.type"] === "#microsoft.graph.aadUserConversationMember" && one.roles,
    );
    if (said?.chatType !== "oneOnOne" || ids.length !== 2 || !formed || !ids.every((id) => guid.test(id)))
      return refusal(400, "BadRequest", "Invalid request body was sent.");
    if (!ids.includes(senderId)) return refusal(403, "Forbidden", "The signed-in user must be a member of the chat.");
    const user = ids.find((id) => id !== senderId);
    if (user === undefined)
      return refusal(400, "BadRequest", "Duplicate chat members are specified in the request body.");
    if (users && !users.includes(user)) return refusal(404, "NotFound", `User '${user}' was not found.`);
    const known = byUser.get(user);
    const here = known ?? { id: `19:${senderId}_${user}@unq.gbl.spaces`, with: user, messages: [] };
    byUser.set(user, here);
    chats.set(here.id, here);
    return {
      status: 201,
      body: { id: here.id, topic: null, chatType: "oneOnOne", createdDateTime: now().toISOString() },
    };
  }

  function write(there: Chat, { body }: Asked): Reply {
    const said = objectOf(body)?.body as { content?: unknown; contentType?: unknown } | undefined;
    if (typeof said?.content !== "string" || said.content === "")
      return refusal(400, "BadRequest", "Missing body content");
    if (Buffer.byteLength(said.content) > 28 * 1024)
      return refusal(413, "RequestEntityTooLarge", "Message is too large.");
    // The moment it was made: no other in this chat has it, and one in another chat may.
    const last = Number(there.messages.at(-1)?.id ?? 0);
    const message = { id: String(Math.max(now().getTime(), last + 1)), content: said.content, at: now() };
    there.messages.push(message);
    written.push({ chat: there, message });
    return { status: 201, body: resourceOf(there, message) };
  }

  function list(there: Chat, { url }: Asked): Reply {
    const top = Number(url.searchParams.get("$top") ?? 20);
    if (!(top >= 1 && top <= 50)) return refusal(400, "BadRequest", "Invalid page size specified.");
    const skip = Number(url.searchParams.get("$skiptoken") ?? 0) || 0;
    const all = there.messages.toReversed();
    const next = `${opened.url}${url.pathname}?$top=${top}&$skiptoken=${skip + top}`;
    const value = all.slice(skip, skip + top).map((message) => resourceOf(there, message));
    return { status: 200, body: { value, ...(skip + top < all.length ? { "@odata.nextLink": next } : {}) } };
  }

  const resourceOf = (there: Chat, { id, content, at }: Written) => ({
    ...{ id, chatId: there.id, messageType: "message", createdDateTime: at.toISOString(), deletedDateTime: null },
    from: { user: { id: senderId } },
    body: { contentType: "html", content },
  });

  const opened = await open({
    faults,
    answer,
    kindOf: ({ method, path }) => (path.endsWith("/messages") ? (method === "POST" ? "sending" : "looking") : null),
    refused: { ...refusal(429, "TooManyRequests", "Too many requests."), headers: { "retry-after": "1" } },
    broken: refusal(500, "InternalServerError", "An error occurred."),
  });

  return {
    ...{ url: opened.url, requests: opened.requests, clientId, clientSecret, senderId, refreshToken, faults },
    tokenUrl: `${opened.url}/directory/oauth2/v2.0/token`,
    /** All that was sent and taken, the oldest first. */
    sent: (): Shown[] => written.map(({ chat: there, message }) => shownOf(senderId, there, message)),
    sentTo: (user: string): Shown[] =>
      (byUser.get(user)?.messages ?? []).map((message) => shownOf(senderId, byUser.get(user) as Chat, message)),
    /** Tokens given so far. */
    renewals: () => renewals,
    /** Ends all tokens, as a directory does when somebody's access changes. */
    revoke: () => tokens.clear(),
    close: opened.close,
  };
}
export type Graph = Awaited<ReturnType<typeof startGraph>>;

/** @see https://learn.microsoft.com/graph/errors */
const refusal = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message, innerError: { "request-id": "00000000-0000-4000-8000-000000000000" } } },
});

const shownOf = (from: string, there: Chat, { id, content, at }: Written): Shown => ({
  ...{
    id: `${there.id}/${id}`,
    channel: "teams",
    from,
    to: there.with,
    subject: null,
    text: plain(content),
    html: content,
  },
  ...{ attachments: [], status: "sent", code: null, at },
});

const plain = (html: string): string =>
  html
    .replace(/<br>|<\/p>/g, "\n")
    .replace(/<[^>]+>/g, "")
    .replace(/&(lt|gt|quot|amp);/g, (_, name) => ({ lt: "<", gt: ">", quot: '"', amp: "&" })[name as "lt"])
    .trim();
