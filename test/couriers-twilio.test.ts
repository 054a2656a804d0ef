import { type TwilioSettings, twilioCouriers } from "@dais/adapters/twilio";
import type { Courier, Message } from "@dais/kernel/couriers/port";
import type { FaultPlan } from "@dais/local/vendors/faults";
import { startTwilio, type Twilio, type TwilioOptions } from "@dais/local/vendors/twilio";
import { afterEach, describe, expect, test } from "vitest";
import {
  answering,
  closedPort,
  givenUp,
  leadingTo,
  messageTo,
  never,
  rawServer,
  someNumber,
} from "./support/couriers.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
const opened = <T extends { close(): Promise<unknown> }>(one: T): T => {
  open.push(one);
  return one;
};

const ours = { whatsapp: "+97145550001", sms: "+97145550002" };

function couriersAt(url: string, of: Partial<TwilioSettings> = {}): { whatsapp: Courier; sms: Courier } {
  const [whatsapp, sms] = twilioCouriers({
    ...{
      accountSid: `AC${"0".repeat(32)}`,
      authTokens: ["twilio-stand-in"],
      ...ours,
      baseUrl: url,
      now: () => new Date(),
    },
    ...of,
  }).map(opened) as [Courier, Courier];
  return { whatsapp, sms };
}

async function twilio(options: TwilioOptions = {}, of: Partial<TwilioSettings> = {}) {
  const vendor: Twilio = opened(await startTwilio(options));
  return { vendor, ...couriersAt(vendor.url, of) };
}
const failing = (sending: FaultPlan["sending"]): TwilioOptions => ({ faults: { sending } });
const since = new Date();

describe("twilio.send", () => {
  test("brings a text by SMS, and a text by WhatsApp to whom wrote today", async () => {
    const { vendor, whatsapp, sms } = await twilio();
    const to = someNumber();
    vendor.receive({ channel: "whatsapp", from: to, to: ours.whatsapp, text: "Good morning" });
    const message = messageTo(to, { text: "الميناء مفتوح & 100% آمن\n\nRef +1" });
    expect(await sms.send(message, never)).toEqual({
      kind: "accepted",
      vendorId: expect.stringMatching(/^SM/),
      status: null,
    });
    expect(await whatsapp.send(message, never)).toMatchObject({ kind: "accepted" });
    expect(vendor.sentTo(to)).toMatchObject([
      { channel: "sms", from: ours.sms, text: message.text, status: "delivered" },
      { channel: "whatsapp", from: ours.whatsapp, text: message.text, status: "delivered" },
    ]);
  });

  test("by a messaging service, and signed in by a key of its own", async () => {
    const service = `MG${"a".repeat(32)}`;
    let authorization: string | undefined;
    const there = opened(
      await answering((request) => {
        authorization = request.headers.authorization;
        return { status: 201, body: JSON.stringify({ sid: `SM${"1".repeat(32)}`, status: "accepted" }) };
      }),
    );
    const { sms } = couriersAt(there.url, { sms: service, apiKey: { sid: `SK${"2".repeat(32)}`, secret: "s:3" } });
    expect(await sms.send(messageTo(someNumber()), never)).toMatchObject({
      kind: "accepted",
      vendorId: `SM${"1".repeat(32)}`,
    });
    expect(Buffer.from(authorization?.slice(6) ?? "", "base64").toString()).toBe(`SK${"2".repeat(32)}:s:3`);
    const { vendor, sms: other } = await twilio({}, { sms: service });
    const to = someNumber();
    await other.send(messageTo(to), never);
    expect(vendor.sentTo(to)).toMatchObject([{ from: service }]);
  });

  test("outside the window: by the approved template, whose variables hold no line breaks and are never empty", async () => {
    const { vendor, whatsapp } = await twilio();
    const contentSid = vendor.template("News: {{1}} by {{2}} ({{3}})");
    const variables = { 1: "All ports\n\nare\topen      today\u2028now", 2: "  ", 3: "Ref 7" };
    const to = someNumber();
    const message = messageTo(to, { insideWindow: false, template: { contentSid, variables } });
    expect(await whatsapp.send(message, never)).toMatchObject({ kind: "accepted" });
    expect(vendor.sentTo(to)).toMatchObject([
      { text: "News: All ports are open today now by - (Ref 7)", status: "delivered" },
    ]);
  });

  test("outside the window and without a template it goes on to the next channel, and Twilio isn't asked", async () => {
    const { vendor, whatsapp } = await twilio();
    const message = messageTo(someNumber(), { insideWindow: false });
    expect(await whatsapp.send(message, never)).toEqual(
      leadingTo("fallback", { kind: "refused", code: "outside_window", retryAfterMs: null }),
    );
    expect(vendor.requests()).toBe(0);
  });

  test.each([
    "",
    "0501234567",
    "+971 50 123",
    "+0501234567",
    "whatsapp:+97150123456",
    "+97150123456\n",
    "+1234567890123456",
    "+٩٧١٥٠١٢٣٤٥٦",
  ])("%j is no number, and is not asked for", async (to) => {
    const { vendor, sms, whatsapp } = await twilio();
    for (const courier of [sms, whatsapp])
      expect(await courier.send(messageTo(to), never)).toMatchObject(
        leadingTo("fallback", { kind: "refused", code: "invalid_recipient" }),
      );
    expect(vendor.requests()).toBe(0);
  });

  test.each<[string, Partial<Message>]>([
    ["too_long", { text: "x".repeat(1601) }],
    ["empty", { text: " \n" }],
  ])("%s: not asked for", async (code, of) => {
    const { vendor, sms } = await twilio();
    expect(await sms.send(messageTo(someNumber(), of), never)).toMatchObject(
      leadingTo("fallback", { kind: "refused", code }),
    );
    expect(vendor.requests()).toBe(0);
  });

  test("1600 characters are taken", async () => {
    const { sms } = await twilio();
    expect(await sms.send(messageTo(someNumber(), { text: "x".repeat(1600) }), never)).toMatchObject({
      kind: "accepted",
    });
  });

  test.each([
    ["+15005550001", "21211", "fallback"],
    ["+15005550002", "21612", "fallback"],
    ["+15005550003", "21408", "fallback"],
    ["+15005550004", "21610", "opt_out"],
    ["+15005550009", "21614", "fallback"],
  ])("what Twilio's test credentials refuse, %s, is refused with %s", async (to, code, then) => {
    const { sms } = await twilio();
    expect(await sms.send(messageTo(to), never)).toEqual({ kind: "refused", code, then, retryAfterMs: null });
  });

  test("who said STOP by SMS is not written to by SMS", async () => {
    const { vendor, sms } = await twilio();
    const to = someNumber();
    vendor.receive({ channel: "sms", from: to, to: ours.sms, text: "STOP" });
    expect(await sms.send(messageTo(to), never)).toMatchObject(leadingTo("opt_out", { code: "21610" }));
  });

  test("a template that doesn't exist, and a wrong password, are no better in a minute", async () => {
    const { whatsapp, vendor } = await twilio();
    const template = { contentSid: `HX${"0".repeat(32)}`, variables: {} };
    const message = messageTo(someNumber(), { insideWindow: false, template });
    expect(await whatsapp.send(message, never)).toMatchObject(
      leadingTo("fallback", { kind: "refused", code: "21655" }),
    );
    const { sms } = couriersAt(vendor.url, { authTokens: ["another"] });
    expect(await sms.send(messageTo(someNumber()), never)).toMatchObject(
      leadingTo("fallback", { kind: "refused", code: "20003" }),
    );
  });
});

describe("twilio.send, when something is lost", () => {
  test("asked too often: again after as long as Twilio says", async () => {
    const { vendor, sms } = await twilio(failing({ refuse: 1 }));
    expect(await sms.send(messageTo(someNumber()), never)).toEqual(
      leadingTo("retry", { kind: "refused", code: "20429", retryAfterMs: 1000, limited: true }),
    );
    expect(vendor.sent()).toEqual([]);
  });

  test.each<[keyof NonNullable<FaultPlan["sending"]>, string, number]>([
    ["break", "http_500", 0],
    ["break_after", "http_500", 1],
    ["cut", "unreachable", 0],
    ["cut_after", "unreachable", 1],
    ["hang", "timed_out", 0],
    ["hang_after", "timed_out", 1],
  ])("%s: it may have been taken", async (fault, code, taken) => {
    const { vendor, sms } = await twilio(failing({ [fault]: 1 }));
    const send = (signal: AbortSignal) => sms.send(messageTo(someNumber()), signal);
    const there = () => vendor.requests() === 1 && vendor.sent().length === taken;
    expect(await (fault.startsWith("hang") ? givenUp(there, send) : send(never))).toEqual({ kind: "unknown", code });
    expect(vendor.sent()).toHaveLength(taken);
  });

  test("who answers too late is not waited for", async () => {
    const { sms } = await twilio(failing({ hang: 1 }), { timeoutMs: 100 });
    expect(await sms.send(messageTo(someNumber()), never)).toMatchObject({ code: "timed_out" });
  });

  test("nobody listens: nothing has left, so it can be said again", async () => {
    const { sms } = couriersAt(`http://127.0.0.1:${await closedPort()}`);
    expect(await sms.send(messageTo(someNumber()), never)).toEqual(
      leadingTo("retry", { kind: "refused", code: "unreachable", retryAfterMs: null }),
    );
  });

  test("a caller who waits no longer: nothing has left, or it is unknown", async () => {
    const { vendor, sms } = await twilio(failing({ hang_after: 1 }));
    expect(await sms.send(messageTo(someNumber()), AbortSignal.abort())).toMatchObject(
      leadingTo("retry", { kind: "refused" }),
    );
    expect(vendor.requests()).toBe(0);
    const sending = givenUp(
      () => vendor.sent().length === 1,
      (signal) => sms.send(messageTo(someNumber()), signal),
    );
    expect(await sending).toEqual({ kind: "unknown", code: "timed_out" });
  });

  test.each([
    [503, "<html>", {}, { kind: "unknown", code: "http_503" }],
    [502, "", { "retry-after": "5" }, { kind: "unknown", code: "http_502" }],
    [408, "", {}, { kind: "unknown", code: "http_408" }],
    [201, "<html>", {}, { kind: "unknown", code: "unreadable" }],
    [201, "{}", {}, { kind: "unknown", code: "unreadable" }],
    [201, '{"sid":"../x","status":"queued"}', {}, { kind: "unknown", code: "unreadable" }],
    [
      201,
      `{"sid":"SM${"1".repeat(32)}","status":"failed","error_code":30001}`,
      {},
      leadingTo("retry", { kind: "refused", code: "30001", retryAfterMs: null, limited: true }),
    ],
    [
      302,
      "",
      { location: "https://elsewhere.example/" },
      leadingTo("fallback", { kind: "refused", code: "http_302", retryAfterMs: null }),
    ],
    [400, '{"code":99999}', {}, leadingTo("fallback", { kind: "refused", code: "99999", retryAfterMs: null })],
    [418, "", {}, leadingTo("fallback", { kind: "refused", code: "http_418", retryAfterMs: null })],
    [
      400,
      '{"code":"constructor"}',
      {},
      leadingTo("fallback", { kind: "refused", code: "http_400", retryAfterMs: null }),
    ],
    [
      201,
      `{"sid":"SM${"1".repeat(32)}","status":"failed","error_code":63012}`,
      {},
      leadingTo("retry", { kind: "refused", code: "63012", retryAfterMs: null }),
    ],
    [
      429,
      "",
      { "retry-after": "soon" },
      leadingTo("retry", { kind: "refused", code: "http_429", retryAfterMs: null, limited: true }),
    ],
  ])("%i %j %j", async (status, body, headers, handed) => {
    const there = opened(await answering(() => ({ status, body, headers })));
    const { sms } = couriersAt(there.url);
    expect(await sms.send(messageTo(someNumber()), never)).toEqual(handed);
    expect(there.asked()).toBe(1);
  });

  test("who speaks no HTTP, and who cuts an answer short", async () => {
    const nonsense = opened(await rawServer((socket) => socket.end("SSH-2.0-nonsense\r\n\r\n")));
    const short = opened(
      await rawServer((socket) =>
        socket.once("data", () => socket.end('HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{"sid":')),
      ),
    );
    expect(await couriersAt(nonsense.url).sms.send(messageTo(someNumber()), never)).toMatchObject({ kind: "unknown" });
    expect(await couriersAt(short.url).sms.send(messageTo(someNumber()), never)).toEqual({
      kind: "unknown",
      code: "unreachable",
    });
  });
});

describe("twilio.send, called off", () => {
  test("nothing is said", async () => {
    const { vendor, whatsapp, sms } = await twilio();
    for (const courier of [whatsapp, sms])
      expect(await courier.send(messageTo(someNumber()), never, async () => false)).toEqual({ kind: "unsent" });
    expect(vendor.requests()).toBe(0);
    expect(await sms.send(messageTo(someNumber()), never, async () => true)).toMatchObject({ kind: "accepted" });
  });
});

describe("twilio.find", () => {
  test("finds what was taken before the answer was lost, by its marker", async () => {
    const { vendor, sms, whatsapp } = await twilio();
    const to = someNumber();
    await sms.send(messageTo(to), never);
    vendor.faults.once("cut_after");
    const message = messageTo(to);
    expect(await sms.send(message, never)).toMatchObject({ kind: "unknown" });
    const [, lost] = vendor.sentTo(to);
    expect(await sms.find(message, since, never)).toEqual(
      leadingTo(null, { kind: "found", vendorId: lost?.id, status: "delivered", code: null }),
    );
    expect(await whatsapp.find(message, since, never)).toEqual({ kind: "absent" });
  });

  test("finds what waits to be sent, which has no day yet on which it was sent, and what has failed with its code", async () => {
    const { vendor, sms } = await twilio();
    const [waiting, failed] = [messageTo(someNumber()), messageTo(someNumber())];
    vendor.fate(waiting.to, "queued");
    vendor.fate(failed.to, { code: 30003 });
    for (const message of [waiting, failed]) await sms.send(message, never);
    expect(await sms.find(waiting, since, never)).toMatchObject({ kind: "found", status: null });
    const found = { kind: "found", status: "failed" };
    expect(await sms.find(failed, since, never)).toMatchObject(leadingTo("fallback", { ...found, code: "30003" }));
    const blocked = messageTo(someNumber());
    vendor.fate(blocked.to, { code: 21610 });
    await sms.send(blocked, never);
    expect(await sms.find(blocked, since, never)).toMatchObject(leadingTo("opt_out", { ...found, code: "21610" }));
  });

  test("finds a template's message by a variable", async () => {
    const { vendor, whatsapp } = await twilio();
    const to = someNumber();
    const marked = messageTo(to);
    const contentSid = vendor.template("{{1}}: {{2}}");
    const message = {
      ...marked,
      insideWindow: false,
      template: { contentSid, variables: { 1: "News", 2: marked.marker } },
    };
    await whatsapp.send(message, never);
    expect(await whatsapp.find(message, since, never)).toMatchObject({ kind: "found" });
  });

  test("looks through several pages", async () => {
    const { vendor, sms } = await twilio();
    const to = someNumber();
    const message = messageTo(to);
    await sms.send(message, never);
    for (let sent = 0; sent < 250; sent += 1) await sms.send(messageTo(to), never);
    const before = vendor.requests();
    expect(await sms.find(message, since, never)).toMatchObject({ kind: "found" });
    expect(vendor.requests() - before).toBe(3);
    expect(await sms.find(messageTo(to), since, never)).toEqual({ kind: "absent" });
  });

  test("absent where nothing was taken, and not looked for before its time", async () => {
    const { sms } = await twilio(failing({ cut: 1 }));
    const message = messageTo(someNumber());
    expect(await sms.send(message, never)).toMatchObject({ kind: "unknown" });
    expect(await sms.find(message, since, never)).toEqual({ kind: "absent" });
  });

  test.each(["refuse", "break", "cut", "hang"] as const)("away where Twilio can't be asked: %s", async (fault) => {
    const { vendor, sms } = await twilio();
    const message = messageTo(someNumber());
    await sms.send(message, never);
    vendor.faults.once(fault, "looking");
    const find = (signal: AbortSignal) => sms.find(message, since, signal);
    expect(await (fault === "hang" ? givenUp(() => vendor.requests() === 2, find) : find(never))).toEqual({
      kind: "away",
    });
    expect(await find(never)).toMatchObject({ kind: "found" });
  });

  test("away, not absent, where our password was changed meanwhile", async () => {
    const { vendor } = await twilio();
    const { sms } = couriersAt(vendor.url, { authTokens: ["another"] });
    expect(await sms.find(messageTo(someNumber()), since, never)).toEqual({ kind: "away" });
  });
});

describe("the settings of twilio", () => {
  test.each<[string, Partial<TwilioSettings>]>([
    ["an address that others can listen to", { baseUrl: "http://api.twilio.example" }],
    ["no token", { authTokens: [] }],
    ["an empty token", { authTokens: [""] }],
    ["an account that is none", { accountSid: "AC1" }],
    ["a sender that is none", { sms: "Dais" }],
  ])("can't have %s", (_, of) => {
    expect(() => couriersAt("http://127.0.0.1:1", of)).toThrow();
  });

  test("a channel without a sender isn't there", () => {
    const settings = { accountSid: `AC${"0".repeat(32)}`, authTokens: ["t"], now: () => new Date() };
    expect(twilioCouriers({ ...settings, whatsapp: null, sms: ours.sms }).map(({ channel }) => channel)).toEqual([
      "sms",
    ]);
  });
});
