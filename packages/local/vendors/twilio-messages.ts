import type { Asked, Reply } from "./door.ts";
import { refusal } from "./twilio-refusals.ts";

/** What Twilio keeps of a message. */
export type Kept = {
  sid: string;
  to: string;
  from: string;
  service: string | null;
  body: string;
  direction: "outbound-api" | "inbound";
  status: string;
  code: number | null;
  created: Date;
  /** Null as long as it waits. */
  sent: Date | null;
  callback: string | null;
};

/** A message as the API shows it. @see https://www.twilio.com/docs/messaging/api/message-resource#message-properties */
export function resourceOf(account: string, kept: Kept): Record<string, unknown> {
  const { sid, to, from, service, body, direction, status, code, created, sent } = kept;
  const uri = `/2010-04-01/Accounts/${account}/Messages/${sid}.json`;
  return {
    account_sid: account,
    api_version: "2010-04-01",
    body,
    date_created: dated(created),
    date_sent: sent && dated(sent),
    date_updated: dated(sent ?? created),
    direction,
    error_code: code,
    error_message: null,
    from: from || null,
    messaging_service_sid: service,
    num_media: "0",
    num_segments: "1",
    price: null,
    price_unit: null,
    sid,
    status,
    subresource_uris: { media: uri.replace(".json", "/Media.json") },
    to,
    uri,
  };
}

/** @see RFC 2822, section 3.3 */
const dated = (time: Date): string => time.toUTCString().replace("GMT", "+0000");

/** A page of messages, the newest first. @param list Of one recipient or of all, the oldest first */
export function pageOf(account: string, { url }: Asked, list: readonly Kept[]): Reply {
  const size = Math.min(Number(url.searchParams.get("PageSize") ?? 50) || 50, 1000);
  const page = Number(url.searchParams.get("Page") ?? 0) || 0;
  const after = url.searchParams.get("DateSent>");
  const from = url.searchParams.get("From");
  if (after !== null && Number.isNaN(Date.parse(after))) return refusal(400, 20001, "Invalid DateSent");
  const since = after === null ? null : Date.parse(after);
  const found: Kept[] = [];
  const wanted = (page + 1) * size + 1;
  for (let at = list.length - 1; at >= 0 && found.length < wanted; at -= 1) {
    const kept = list[at] as Kept;
    if (from !== null && kept.from !== from) continue;
    // What waits has no day on which it was sent, and is not found by one.
    if (since !== null && (kept.sent === null || kept.sent.getTime() < since)) continue;
    found.push(kept);
  }
  const at = (number: number) => {
    const query = new URLSearchParams(url.searchParams);
    query.set("PageSize", String(size));
    query.set("Page", String(number));
    return `${url.pathname}?${query}`;
  };
  const body = {
    end: Math.max(0, Math.min(found.length, wanted - 1) - 1),
    first_page_uri: at(0),
    messages: found.slice(page * size, (page + 1) * size).map((kept) => resourceOf(account, kept)),
    next_page_uri: found.length === wanted ? at(page + 1) : null,
    page,
    page_size: size,
    previous_page_uri: page > 0 ? at(page - 1) : null,
    start: page * size,
    uri: `${url.pathname}${url.search}`,
  };
  return { status: 200, body };
}
