import { createHmac, timingSafeEqual } from "node:crypto";
import type { CallbackReader, Told } from "@dais/kernel/couriers/port";

/** A vendor with a way of signing of its own: HMAC-SHA256 over the address and the body. */
export function aVendor(vendor: string, secret = "a secret of the test") {
  const sign = (url: string, body: string | Uint8Array): string =>
    createHmac("sha256", secret).update(`${url}\n`).update(body).digest("hex");
  const reader: CallbackReader = {
    vendor,
    heard: { type: "text/plain; charset=utf-8", body: "heard" },
    read: async ({ url, headers, body }) => {
      const [given, right] = [headers.get("x-signature") ?? "", sign(url, body)].map((text) => Buffer.from(text));
      if (!given || !right || given.length !== right.length || !timingSafeEqual(given, right)) return null;
      return JSON.parse(Buffer.from(body).toString()) as Told[];
    },
  };
  /** What it sends to a server that it knows by `known`. */
  const post = (url: string, path: string, said: unknown, { known = url, headers = {} } = {}): Promise<Response> => {
    const body = JSON.stringify(said);
    const signed = { "x-signature": sign(known + path, body), "content-type": "application/json" };
    return fetch(url + path, { method: "POST", body, headers: { ...signed, ...headers } });
  };
  const carriers = async () => ({ couriers: [], readers: [reader], close: async () => {} });
  return { reader, carriers, post };
}

/** That a message came so far. */
export const aStatus = (vendorId: string, status = "delivered", more: object = {}) => ({
  ...{ kind: "status", digest: `${vendorId} ${status}`, vendorId, status, code: null },
  // biome-ignore lint/suspicious/noThenProperty: the port's word for what follows.
  then: null,
  ...{ at: "2026-01-06T04:00:00.000Z", ...more },
});
