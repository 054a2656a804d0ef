import { capMediaType } from "@dais/contracts/signals/cap";
import { authorized } from "../credential.ts";
import type { Reply, RestClient } from "../rest.ts";
import { alertXml, infoXml } from "./documents.ts";

type Fields = Record<string, string | null>;

/** Sends a document through the door of alerts, with the other fields in the query. */
export function sendCap(
  api: RestClient,
  document: string | Uint8Array,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Reply> {
  const search = new URLSearchParams({ classification: "internal", ...query });
  return api.send(`/signals/cap?${search}`, {
    method: "POST",
    body: document,
    headers: { "content-type": capMediaType, ...headers },
  });
}

/** Which alert refers to which: `sender,identifier,sent`. */
export const nameOf = ({ identifier, sent, sender = weather }: Pick<Said, "identifier" | "sent" | "sender">): string =>
  `${sender},${identifier},${sent}`;

const weather = "duty@weather.example";

export type Said = {
  identifier: string;
  sent: string;
  sender?: string;
  /** Fields of the alert, and of its info; without an info where `null`. */
  alert?: Fields;
  info?: Fields | null;
  area?: string;
  references?: Said[];
};

/** An alert with one info, at a place of its own, of the sender `duty@weather.example`. */
export function anAlert({ identifier, sent, sender = weather, alert = {}, info = {}, area, references }: Said): string {
  const refers: Fields = references ? { references: references.map(nameOf).join(" ") } : {};
  const place = `<area><areaDesc>Here</areaDesc>${area ?? "<circle>25,55 10</circle>"}</area>`;
  return alertXml({ identifier, sender, sent, ...alert, ...refers }, ...(info === null ? [] : [infoXml(info, place)]));
}

/** Several alerts in one document. */
export const alertsXml = (...alerts: string[]): string => `<alerts>${alerts.join("")}</alerts>`;

/** What became of each alert of a document: the outcome, and the codes of what was found. */
export const outcomes = ({ body }: Reply): [string, ...string[]][] =>
  body.alerts.map(({ outcome, findings }: { outcome: string; findings: { code: string }[] }) => [
    outcome,
    ...findings.map(({ code }) => code),
  ]);

/** What is at an address below /v1, as CAP. */
export async function fetchCap(url: string, key: string, path: string, accept: string = capMediaType) {
  const answer = await fetch(`${url}/v1${path}`, { headers: { ...authorized(key), accept } });
  return { status: answer.status, headers: answer.headers, xml: await answer.text() };
}
