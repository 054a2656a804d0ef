import { createHash } from "node:crypto";
import { type TwilioSettings, twilioCouriers, twilioReader } from "@dais/adapters/twilio";
import { codes } from "@dais/adapters/twilio/codes";
import type { Callback } from "@dais/kernel/couriers/port";
import { startTwilio, type TwilioOptions } from "@dais/local/vendors/twilio";
import { formOf, signatureOf } from "@dais/local/vendors/twilio-signature";
import { afterEach, describe, expect, test } from "vitest";
import { leadingTo, listening, messageTo, never, someNumber } from "./support/couriers.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const url = "https://dais.example.org/callbacks/twilio?a=o'b&n=%D8%A7";
const account = `AC${"0".repeat(32)}`;
const sid = `SM${"1".repeat(32)}`;
const noon = new Date("2026-11-21T12:00:00Z");
const settings: TwilioSettings = {
  ...{ accountSid: account, authTokens: ["current", "before"], whatsapp: "+97145550001", sms: "+97145550002" },
  now: () => noon,
};
const reader = twilioReader(settings);

/** A callback as Twilio would make it. */
function callback(fields: Record<string, string>, token = "current", at = url): Callback {
  const all = { AccountSid: account, MessageSid: sid, ...fields };
  const headers = new Headers({
    "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
    "x-twilio-signature": signatureOf(token, at, all),
  });
  return { url: at, headers, body: Buffer.from(formOf(all)) };
}
const changed = (of: Callback, body: (text: string) => string): Callback => ({
  ...of,
  body: Buffer.from(body(Buffer.from(of.body).toString())),
});
const headed = (of: Callback, name: string, value: string | null): Callback => {
  const headers = new Headers(of.headers);
  if (value === null) headers.delete(name);
  else headers.set(name, value);
  return { ...of, headers };
};
const delivered = callback({ MessageStatus: "delivered", To: "+971501234567" });

describe("what Twilio says of a message", () => {
  test.each([
    ["sent", "sent"],
    ["delivered", "delivered"],
    ["partially_delivered", "delivered"],
    ["read", "read"],
    ["undelivered", "failed"],
    ["failed", "failed"],
    ["canceled", "failed"],
  ])("%s: %s", async (word, status) => {
    const [told, ...more] = (await reader.read(callback({ MessageStatus: word }))) ?? [];
    expect(more).toEqual([]);
    expect(told).toMatchObject(
      leadingTo(status === "failed" ? "fallback" : null, {
        kind: "status",
        vendorId: sid,
        status,
        code: null,
        at: noon,
      }),
    );
  });

  test("is heard with TwiML that says nothing: any text would be sent to whoever wrote", () => {
    expect(reader.heard).toEqual({ type: "text/xml; charset=utf-8", body: "<Response/>" });
  });

  test.each(["accepted", "scheduled", "queued", "sending", "constructor", "something new"])(
    "%s doesn't matter",
    async (word) => {
      expect(await reader.read(callback({ MessageStatus: word }))).toEqual([]);
    },
  );

  test.each(Object.entries(codes))("failed by %s, %s", async (code, [words, then]) => {
    expect(words).toMatch(/\w/);
    expect(await reader.read(callback({ MessageStatus: "failed", ErrorCode: code }))).toMatchObject([
      { status: "failed", code, then },
    ]);
  });

  test.each([
    ["63024", "fallback"],
    ["63016", "fallback"],
    ["63049", "fallback"],
    ["63032", "fallback"],
    ["63003", "fallback"],
    ["63018", "retry"],
    ["30001", "retry"],
    ["14107", "retry"],
    ["20429", "retry"],
    ["30003", "fallback"],
    ["30008", "fallback"],
    ["21211", "fallback"],
    ["21614", "fallback"],
    ["21408", "fallback"],
    ["21610", "opt_out"],
  ])("%s means %s", async (code, then) => {
    expect(await reader.read(callback({ MessageStatus: "undelivered", ErrorCode: code }))).toMatchObject([
      { code, then },
    ]);
  });

  test.each(["99999", "x", "", "-1", "1e9"])("an unknown code, %j, is no reason to try again", async (code) => {
    expect(await reader.read(callback({ MessageStatus: "failed", ErrorCode: code }))).toMatchObject([
      leadingTo("fallback"),
    ]);
  });

  test("has the same digest when it is told again, and another one for another thing", async () => {
    const digest = async (of: Record<string, string>) => (await reader.read(callback(of)))?.[0]?.digest;
    const one = await digest({ MessageStatus: "delivered" });
    expect(await digest({ MessageStatus: "delivered", RawDlrDoneDate: "2611211200" })).toBe(one);
    expect(await digest({ MessageStatus: "read" })).not.toBe(one);
    expect(await digest({ MessageStatus: "delivered", MessageSid: `SM${"2".repeat(32)}` })).not.toBe(one);
  });

  test("is told by either token while one replaces the other", async () => {
    expect(await reader.read(callback({ MessageStatus: "sent" }, "before"))).toHaveLength(1);
  });
});

describe("what is refused as not from Twilio", () => {
  test.each<[string, Callback]>([
    ["without a signature", headed(delivered, "x-twilio-signature", null)],
    ["with an empty one", headed(delivered, "x-twilio-signature", "")],
    ["with another one", headed(delivered, "x-twilio-signature", signatureOf("current", url, {}))],
    ["signed with another token", callback({ MessageStatus: "delivered" }, "guessed")],
    ["for another address", { ...delivered, url: url.replace("a=", "b=") }],
    ["for another host, behind the same proxy", { ...delivered, url: url.replace("dais.", "evil.") }],
    ["for an address that is none", { ...delivered, url: "/callbacks/twilio" }],
    ["altered in a value", changed(delivered, (text) => text.replace("delivered", "failed"))],
    ["with a field more", changed(delivered, (text) => `${text}&ErrorCode=30003`)],
    ["with a field less", changed(delivered, (text) => text.replace(/&To=[^&]*/, ""))],
    ["with a field twice", changed(delivered, (text) => `${text}&MessageStatus=failed`)],
    ["of another account", callback({ AccountSid: `AC${"9".repeat(32)}`, MessageStatus: "delivered" })],
    ["of a form that says it is JSON", headed(delivered, "content-type", "application/json")],
    ["without a type", headed(delivered, "content-type", null)],
    ["too much of it", callback({ Body: "x".repeat(70_000) })],
  ])("%s", async (_, one) => {
    expect(await reader.read(one)).toBeNull();
  });

  test("an address that nobody signed the body for: JSON with a signature of the address alone", async () => {
    const body = JSON.stringify({ AccountSid: account, MessageSid: sid, MessageStatus: "delivered" });
    const headers = new Headers({
      "content-type": "application/json",
      "x-twilio-signature": signatureOf("current", url, {}),
    });
    expect(await reader.read({ url, headers, body: Buffer.from(body) })).toBeNull();
  });
});

describe("what Twilio says as JSON", () => {
  const body = JSON.stringify({ AccountSid: account, MessageSid: sid, MessageStatus: "delivered", ErrorCode: null });
  const at = `${url}&bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
  const headers = new Headers({
    "content-type": "application/json",
    "x-twilio-signature": signatureOf("current", at, {}),
  });

  test("is signed by a digest of the body in the address", async () => {
    expect(await reader.read({ url: at, headers, body: Buffer.from(body) })).toMatchObject([
      { vendorId: sid, status: "delivered" },
    ]);
  });

  test("is refused where the body is another, or the digest", async () => {
    const other = Buffer.from(body.replace("delivered", "failed"));
    const digest = createHash("sha256").update(other).digest("hex");
    expect(await reader.read({ url: at, headers, body: other })).toBeNull();
    expect(await reader.read({ url: at.replace(/\w{64}$/, digest), headers, body: other })).toBeNull();
  });
});

describe("what people write", () => {
  const from = "+971501234567";
  const written = (fields: Record<string, string>, prefix = "") =>
    reader.read(callback({ SmsStatus: "received", From: prefix + from, To: "+97145550002", ...fields }));

  test("is a reply, with what it answers", async () => {
    const text = "نعم، سأحضر 👍";
    expect(await written({ Body: text, OriginalRepliedMessageSid: `SM${"3".repeat(32)}` }, "whatsapp:")).toEqual([
      {
        kind: "reply",
        digest: expect.any(String),
        channel: "whatsapp",
        from,
        text,
        inReplyTo: `SM${"3".repeat(32)}`,
        at: noon,
      },
    ]);
    expect(await written({ Body: "Yes" })).toMatchObject([
      { kind: "reply", channel: "sms", from, text: "Yes", inReplyTo: null },
    ]);
  });

  test.each([
    "STOP",
    "stop",
    " Stop. ",
    "UNSUBSCRIBE",
    "Cancel",
    "END",
    "QUIT",
    "إيقاف",
    "ايقاف",
    "إِيقَاف",
    "توقف!",
    "توقـــف",
  ])("%j: no more", async (Body) => {
    expect(await written({ Body }, "whatsapp:")).toMatchObject([{ kind: "opt_out", channel: "whatsapp", from }]);
  });

  test.each(["START", "unstop", "ابدأ", "اشتراك"])("%j: again", async (Body) => {
    expect(await written({ Body })).toMatchObject([{ kind: "opt_in", channel: "sms", from }]);
  });

  test("what Twilio itself has understood as one of them", async () => {
    expect(await written({ Body: "arrêt", OptOutType: "STOP" })).toMatchObject([{ kind: "opt_out" }]);
    expect(await written({ Body: "YES", OptOutType: "START" })).toMatchObject([{ kind: "opt_in" }]);
    expect(await written({ Body: "HELP", OptOutType: "HELP" })).toMatchObject([{ kind: "reply", text: "HELP" }]);
  });

  test.each(["Please stop the convoy", "The end", "Don't stop", "Can't cancel", "لا توقف العمل"])(
    "%j is an answer like others",
    async (Body) => {
      expect(await written({ Body })).toMatchObject([{ kind: "reply", text: Body }]);
    },
  );

  test.each(["+0", "Bank", "", "messenger:123"])("from %j: nobody that we know how to answer", async (From) => {
    expect(await reader.read(callback({ SmsStatus: "received", From, Body: "Hello" }))).toEqual([]);
  });

  test("a nul, which no database keeps, is left out", async () => {
    expect(await written({ Body: "a\0b" })).toMatchObject([{ text: "ab" }]);
  });
});

describe("Twilio and we", () => {
  async function both(options: TwilioOptions = {}) {
    const ear = await listening(
      twilioReader({ ...settings, authTokens: ["twilio-stand-in"] }),
      "https://dais.example.org/callbacks/twilio",
    );
    const vendor = await startTwilio({ route: ear.route, inboundUrl: ear.url, ...options });
    const of = { ...settings, authTokens: ["twilio-stand-in"], baseUrl: vendor.url };
    const couriers = twilioCouriers(of);
    open.push(ear, vendor, ...couriers);
    return { ear, vendor, whatsapp: couriers[0] as (typeof couriers)[0], sms: couriers[1] as (typeof couriers)[0] };
  }

  test("a message's way is told step by step, behind a proxy", async () => {
    const { ear, vendor, sms } = await both();
    const handed = await sms.send(messageTo(someNumber(), { callbackUrl: `${ear.url}?attempt=7&sig=a%2Fb` }), never);
    await vendor.settled();
    expect(ear.refused).toEqual([]);
    expect(ear.told.map((one) => one.kind === "status" && [one.vendorId, one.status])).toEqual(
      ["sent", "delivered"].map((status) => [handed.kind === "accepted" && handed.vendorId, status]),
    );
  });

  test("outside the window a free text fails by 63016, and says so afterwards", async () => {
    const { ear, vendor, whatsapp } = await both();
    await whatsapp.send(messageTo(someNumber(), { callbackUrl: ear.url }), never);
    await vendor.settled();
    expect(ear.told.at(-1)).toMatchObject(leadingTo("fallback", { kind: "status", status: "failed", code: "63016" }));
  });

  test("told twice and out of order, it is the same things by their digests", async () => {
    const { ear, vendor, whatsapp } = await both({ faults: { seed: 7, twice: 1, overtaken: 1 } });
    const message = messageTo(someNumber(), { callbackUrl: ear.url });
    vendor.fate(message.to, "read");
    vendor.receive({ channel: "whatsapp", from: message.to, to: "+97145550001", text: "Hello" });
    await whatsapp.send(message, never);
    await vendor.settled();
    const words = ear.told.flatMap((one) => (one.kind === "status" ? [one.status] : []));
    expect(words).toEqual(["sent", "sent", "read", "read", "delivered", "delivered"]);
    expect(new Set(ear.told.filter(({ kind }) => kind === "status").map(({ digest }) => digest)).size).toBe(3);
  });

  test("answers and wishes arrive", async () => {
    const { ear, vendor } = await both();
    const from = someNumber();
    vendor.receive({ channel: "whatsapp", from, to: "+97145550001", text: "قادم" });
    vendor.receive({ channel: "sms", from, to: "+97145550002", text: "STOP" });
    await vendor.settled();
    expect(ear.told.map(({ kind }) => kind).sort()).toEqual(["opt_out", "reply"]);
  });
});
