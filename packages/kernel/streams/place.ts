import { createHmac, timingSafeEqual } from "node:crypto";
import { Problem } from "../problem.ts";

/** Whose events they are, and the key that signs. */
type Of = { key: Uint8Array; tenantId: string };

/** The id of a stream's message: a position in the events of one organisation, opaque and signed. */
export function placeId(of: Of, position: string): string {
  const body = Buffer.from(position).toString("base64url");
  return `${body}.${signature(of, body).toString("base64url")}`;
}

/** The position that an id names. @throws invalid_cursor where it was not made here, for this organisation */
export function placeIn(of: Of, id: string): string {
  const [body = "", mark = ""] = id.split(".");
  const given = Buffer.from(mark, "base64url");
  const right = signature(of, body);
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new Problem("invalid_cursor");
  return Buffer.from(body, "base64url").toString("utf8");
}

const signature = ({ key, tenantId }: Of, body: string): Buffer =>
  createHmac("sha256", key).update(["events", tenantId, body].join("\n")).digest().subarray(0, 18);
