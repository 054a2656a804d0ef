import { type ResendSettings, resendCourier } from "@dais/adapters/resend";
import type { Courier, Message } from "@dais/kernel/couriers/port";
import type { FaultPlan } from "@dais/local/vendors/faults";
import { type ResendOptions, startResend } from "@dais/local/vendors/resend";
import { afterEach, describe, expect, test } from "vitest";
import { answering, closedPort, givenUp, leadingTo, messageTo, never } from "./support/couriers.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
const opened = <T extends { close(): Promise<unknown> }>(one: T): T => {
  open.push(one);
  return one;
};

const settings: ResendSettings = {
  ...{ apiKey: "re_stand-in", from: "Dais <dais@example.org>", replyTo: "office@example.org", webhookSecrets: [] },
  now: () => new Date(),
};
const courierAt = (baseUrl: string, of: Partial<ResendSettings> = {}): Courier =>
  opened(resendCourier({ ...settings, baseUrl, ...of }));

async function resend(options: ResendOptions = {}, of: Partial<ResendSettings> = {}) {
  const vendor = opened(await startResend(options));
  return { vendor, courier: courierAt(vendor.url, of) };
}
const to = "minister@example.org";
const mailed = (of: Partial<Message> = {}): Message => messageTo(to, { html: "<p>All ports are open.</p>", ...of });
const bytes = (size: number) => ({
  name: "briefing.pdf",
  contentType: "application/pdf",
  bytes: new Uint8Array(size).fill(37),
});

describe("resend.send", () => {
  test("brings text, HTML, a subject in Arabic, files, and where to answer", async () => {
    const { vendor, courier } = await resend();
    const subject = "إيجاز الصباح — 21 نوفمبر";
    const message = mailed({ subject, language: "ar", attachments: [bytes(3001)] });
    expect(await courier.send(message, never)).toEqual({
      kind: "accepted",
      vendorId: expect.any(String),
      status: null,
    });
    const [mail] = vendor.sentTo(to);
    expect(mail).toMatchObject({ from: settings.from, to, subject, text: message.text, html: message.html });
    expect(mail?.attachments).toMatchObject([{ name: "briefing.pdf", contentType: "application/pdf", size: 3001 }]);
    expect(vendor.file(mail?.attachments[0]?.sha256 ?? "")?.equals(Buffer.alloc(3001, 37))).toBe(true);
    expect(vendor.headersOf(mail?.id ?? "")).toEqual({ replyTo: "office@example.org", "Content-Language": "ar" });
  });

  test("a part of a larger buffer is attached as that part", async () => {
    const { vendor, courier } = await resend();
    const whole = Buffer.from("--secret--shown--secret--");
    const attachments = [{ name: "a.txt", contentType: "text/plain", bytes: whole.subarray(10, 15) }];
    await courier.send(mailed({ attachments }), never);
    expect(vendor.file(vendor.sent()[0]?.attachments[0]?.sha256 ?? "")?.toString()).toBe("shown");
  });

  test.each([
    ["Noon\r\nBcc: spy@evil.example", "Noon Bcc: spy@evil.example"],
    ["Noon\nX-A: 1\n\nbody", "Noon X-A: 1 body"],
    ["a\u2028b\u2029c\u0085d\0e\x1bf", "a b c d e f"],
    ["\r\n", "-"],
    [null, "-"],
  ])("the subject %j can't be more than a subject", async (subject, line) => {
    const { vendor, courier } = await resend();
    expect(await courier.send(mailed({ subject }), never)).toMatchObject({ kind: "accepted" });
    expect(vendor.sent()[0]?.subject).toBe(line);
  });

  test.each([
    "",
    "a@b@c",
    "a b@c.d",
    "a@c.d, e@f.g",
    "<a@c.d>",
    "A <a@c.d>",
    "a@c.d\r\nBcc: e@f.g",
    "a@c.d\0",
    `${"x".repeat(250)}@c.d`,
  ])("%j is no address, and is not asked for", async (bad) => {
    const { vendor, courier } = await resend();
    expect(await courier.send(messageTo(bad), never)).toMatchObject(
      leadingTo("fallback", { kind: "refused", code: "invalid_recipient" }),
    );
    expect(vendor.requests()).toBe(0);
  });

  test("more than 40 MB as they travel is not asked for, and just below it is", async () => {
    const { vendor, courier } = await resend();
    const most = (40 * 1024 * 1024 * 3) / 4;
    expect(await courier.send(mailed({ attachments: [bytes(most)] }), never)).toEqual(
      leadingTo("fallback", { kind: "refused", code: "too_large", retryAfterMs: null }),
    );
    expect(vendor.requests()).toBe(0);
    expect(await courier.send(mailed({ attachments: [bytes(most / 2), bytes(most / 2 - 3000)] }), never)).toMatchObject(
      { kind: "accepted" },
    );
  });

  test("a file's name is a name and no path", async () => {
    const { vendor, courier } = await resend();
    const attachments = ['../../etc/"passwd"\r\nX: 1', "إيجاز.pdf", "///"].map((name) => ({ ...bytes(1), name }));
    await courier.send(mailed({ attachments }), never);
    expect(vendor.sent()[0]?.attachments.map(({ name }) => name)).toEqual([
      ".. .. etc passwd X 1",
      "إيجاز.pdf",
      "file",
    ]);
  });

  test("the same key twice is one mail", async () => {
    const { vendor, courier } = await resend();
    const message = mailed({ attachments: [bytes(10)] });
    const first = await courier.send(message, never);
    expect(await courier.send(structuredClone(message), never)).toEqual(first);
    expect(vendor.sent()).toHaveLength(1);
  });

  test.each([
    [
      422,
      '{"name":"validation_error"}',
      {},
      leadingTo("fallback", { kind: "refused", code: "validation_error", retryAfterMs: null }),
    ],
    [
      403,
      '{"name":"invalid_api_key"}',
      {},
      leadingTo("fallback", { kind: "refused", code: "invalid_api_key", retryAfterMs: null }),
    ],
    [
      429,
      '{"name":"rate_limit_exceeded"}',
      { "retry-after": "2" },
      leadingTo("retry", { kind: "refused", code: "rate_limit_exceeded", retryAfterMs: 2000, limited: true }),
    ],
    [
      429,
      '{"name":"daily_quota_exceeded"}',
      { "retry-after": "2" },
      leadingTo("fallback", { kind: "refused", code: "daily_quota_exceeded", retryAfterMs: null }),
    ],
    [409, '{"name":"concurrent_idempotent_requests"}', {}, { kind: "unknown", code: "concurrent_idempotent_requests" }],
    [409, '{"name":"invalid_idempotent_request"}', {}, { kind: "unknown", code: "invalid_idempotent_request" }],
    [500, '{"name":"internal_server_error"}', {}, { kind: "unknown", code: "http_500" }],
    [200, "<html>", {}, { kind: "unknown", code: "unreadable" }],
    [200, '{"id":7}', {}, { kind: "unknown", code: "unreadable" }],
    [
      301,
      "",
      { location: "https://elsewhere.example" },
      leadingTo("fallback", { kind: "refused", code: "http_301", retryAfterMs: null }),
    ],
    [400, '{"name":"x\\ny"}', {}, leadingTo("fallback", { kind: "refused", code: "http_400", retryAfterMs: null })],
  ])("%i %s", async (status, body, headers, handed) => {
    const there = opened(await answering(() => ({ status, body, headers })));
    expect(await courierAt(there.url).send(mailed(), never)).toEqual(handed);
    expect(there.asked()).toBe(1);
  });

  test("nobody listens: nothing has left", async () => {
    const courier = courierAt(`http://127.0.0.1:${await closedPort()}`);
    expect(await courier.send(mailed(), never)).toMatchObject(
      leadingTo("retry", { kind: "refused", code: "unreachable" }),
    );
  });
});

describe("resend, called off", () => {
  test("neither sent nor asked about by sending it again", async () => {
    const { vendor, courier } = await resend();
    const message = mailed();
    const off = async () => false;
    expect(await courier.send(message, never, off)).toEqual({ kind: "unsent" });
    expect(await courier.find(message, new Date(), never, off)).toEqual({ kind: "away" });
    expect(vendor.requests()).toBe(0);
    expect(await courier.find(message, new Date(), never, async () => true)).toMatchObject({ kind: "found" });
  });
});

describe("resend.find", () => {
  test.each<[keyof NonNullable<FaultPlan["sending"]>]>([
    ["cut"],
    ["cut_after"],
    ["break"],
    ["break_after"],
    ["hang"],
    ["hang_after"],
  ])("after %s: says the same again, and there is one mail", async (fault) => {
    const { vendor, courier } = await resend();
    vendor.faults.once(fault);
    const message = mailed({ attachments: [bytes(100)] });
    const send = (signal: AbortSignal) => courier.send(message, signal);
    const there = () => vendor.requests() === 1 && vendor.sent().length === (fault === "hang" ? 0 : 1);
    expect(await (fault.startsWith("hang") ? givenUp(there, send) : send(never))).toMatchObject({ kind: "unknown" });
    const found = await courier.find(message, new Date(), never);
    expect(found).toEqual({ kind: "found", vendorId: vendor.sent()[0]?.id, status: null, code: null });
    expect(vendor.sent()).toHaveLength(1);
  });

  test("away as long as Resend is", async () => {
    const { vendor, courier } = await resend({}, { timeoutMs: 300 });
    for (const fault of ["refuse", "break", "cut", "hang"] as const) {
      vendor.faults.once(fault);
      expect(await courier.find(mailed(), new Date(), never)).toEqual({ kind: "away" });
    }
  });

  test("after a day Resend has forgotten the key: untold, and nothing is sent", async () => {
    const { vendor, courier } = await resend();
    const since = new Date(Date.now() - 23.5 * 3_600_000);
    expect(await courier.find(mailed(), since, never)).toEqual({ kind: "untold" });
    expect(vendor.requests()).toBe(0);
  });

  test("other bytes under the same key: something was taken, and nobody can say what became of it", async () => {
    const { vendor, courier } = await resend();
    const message = mailed();
    await courier.send(message, never);
    expect(await courier.find({ ...message, text: "Another" }, new Date(), never)).toEqual({ kind: "untold" });
    expect(vendor.sent()).toHaveLength(1);
  });

  test("absent where the same would have been refused before; away where only now we are", async () => {
    const there = (status: number) => answering(() => ({ status, body: '{"name":"validation_error"}' })).then(opened);
    expect(await courierAt((await there(422)).url).find(mailed(), new Date(), never)).toEqual({ kind: "absent" });
    expect(await courierAt((await there(403)).url).find(mailed(), new Date(), never)).toEqual({ kind: "away" });
  });
});
