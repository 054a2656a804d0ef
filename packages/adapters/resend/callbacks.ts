import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Callback, CallbackReader, Told, VendorStatus } from "@dais/kernel/couriers/port";
import { isObject } from "../http.ts";
import { codeFrom, objectIn, short } from "../outgoing/handed.ts";
import { isAddress } from "../outgoing/texts.ts";
import type { ResendSettings } from "./settings.ts";

const toleranceSeconds = 300;
const mostBytes = 256 * 1024;

/**
 * Scanners of mail open it and follow its links, and so do the proxies that fetch its images: that says that it arrived, and not that anybody read it.
 * @see https://resend.com/docs/webhooks/event-types
 */
const statuses: Readonly<Record<string, VendorStatus>> = {
  "email.sent": "sent",
  "email.delivered": "delivered",
  "email.opened": "delivered",
  "email.clicked": "delivered",
  "email.bounced": "failed",
  "email.failed": "failed",
  "email.suppressed": "failed",
};

/**
 * Reads what Resend says of mail, which Svix signs.
 * @see https://docs.svix.com/receiving/verifying-payloads/how-manual
 * @throws Error where the settings can't be used
 */
export function resendReader({ webhookSecrets, now }: Pick<ResendSettings, "webhookSecrets" | "now">): CallbackReader {
  const keys = webhookSecrets.map(keyOf);
  return {
    vendor: "resend",
    heard: { type: "text/plain; charset=utf-8", body: "" },
    async read(callback) {
      const body = signed(callback, keys, now());
      return body === null ? null : told(objectIn(body), now());
    },
  };
}

function keyOf(secret: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  if (!secret.startsWith("whsec_") || key.length < 16)
    throw new Error("A secret of Resend's webhooks begins with whsec_.");
  return key;
}

/** The body, where one of the keys signed it and just now; or null. */
function signed({ headers, body }: Callback, keys: readonly Buffer[], now: Date): string | null {
  const id = headers.get("svix-id") ?? "";
  const timestamp = headers.get("svix-timestamp") ?? "";
  if (body.length > mostBytes || !/^[\x21-\x7e]{1,200}$/.test(id) || id.includes(".") || !/^\d{1,12}$/.test(timestamp))
    return null;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > toleranceSeconds) return null;
  const said = (headers.get("svix-signature") ?? "").split(" ").slice(0, 10);
  const right = keys.map((key) =>
    createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64"),
  );
  return right.some((one) => said.some((other) => same(`v1,${one}`, other))) ? new TextDecoder().decode(body) : null;
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Failures after which Resend doesn't send to that address any more. */
const final = new Set(["bounced_permanent", "suppressed"]);

function told(event: Record<string, unknown> | null, now: Date): Told[] {
  const data = event && isObject(event.data) ? event.data : null;
  const type = typeof event?.type === "string" ? event.type : "";
  if (data === null) return [];
  const at = timeIn(event?.created_at, now);
  if (type.startsWith("suppression.")) return suppression(type, data, at);
  const vendorId = short(data.email_id);
  if (vendorId === null) return [];
  if (type === "email.complained")
    return addressesIn(data.to).map((from) => ({
      kind: "opt_out",
      digest: digestOf(vendorId, type, from),
      channel: "email",
      from,
      at,
    }));
  const status = Object.hasOwn(statuses, type) ? statuses[type] : undefined;
  if (!status) return [];
  const failed = status === "failed";
  const code = failed ? codeIn(type.slice("email.".length), data) : null;
  const then = code === null ? null : final.has(code) ? "opt_out" : "fallback";
  return [{ kind: "status", digest: digestOf(vendorId, type), vendorId, status, code, then, at }];
}

/**
 * An address was put on the list of those that Resend doesn't send to, or taken from it. What put it there by a bounce is that mail's failure.
 * @see https://resend.com/docs/webhooks/suppressions/added and removed
 */
function suppression(type: string, { id, email, origin, source_id }: Record<string, unknown>, at: Date): Told[] {
  const [from] = addressesIn(email);
  if (from === undefined) return [];
  const digest = digestOf(short(id) ?? from, type, at.toISOString());
  if (type === "suppression.removed") return [{ kind: "opt_in", digest, channel: "email", from, at }];
  if (type !== "suppression.added") return [];
  if (origin === "complaint") return [{ kind: "opt_out", digest, channel: "email", from, at }];
  const vendorId = origin === "bounce" ? short(source_id) : null;
  if (vendorId === null) return [{ kind: "opt_out", digest, channel: "email", from, at, by: "vendor" }];
  const [code, then] = ["bounced_permanent", "opt_out"] as const;
  return [{ kind: "status", digest, vendorId, status: "failed", code, then, at }];
}

/** `bounced_permanent` rather than `bounced`, where it is said. */
function codeIn(word: string, { bounce }: Record<string, unknown>): string {
  const type = isObject(bounce) ? codeFrom(bounce.type) : null;
  return type ? `${word}_${type}` : word;
}

const addressesIn = (to: unknown): string[] =>
  (Array.isArray(to) ? to : [to])
    .filter((one): one is string => typeof one === "string" && isAddress(one))
    .slice(0, 50);

/** When it happened, as far as that can be: not later than now. */
function timeIn(said: unknown, now: Date): Date {
  const time = typeof said === "string" ? Date.parse(said) : Number.NaN;
  return Number.isFinite(time) && time <= now.getTime() && time > 0 ? new Date(time) : now;
}

const digestOf = (...parts: string[]): string =>
  createHash("sha256")
    .update(["resend", ...parts].join("\n"))
    .digest("hex");
