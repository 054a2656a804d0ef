import { resendCourier, resendReader } from "@dais/adapters/resend";
import type { Callback } from "@dais/kernel/couriers/port";
import type { FaultPlan } from "@dais/local/vendors/faults";
import { startResend } from "@dais/local/vendors/resend";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { leadingTo, listening, messageTo, never } from "./support/couriers.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const [current, before, guessed] = [1, 2, 3].map((byte) => `whsec_${Buffer.alloc(24, byte).toString("base64")}`) as [
  string,
  string,
  string,
];
const noon = new Date("2026-11-21T12:00:00Z");
const reader = resendReader({ webhookSecrets: [current, before], now: () => noon });
const id = "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794";

const event = (type: string, data: object = {}, more: object = {}) =>
  JSON.stringify({
    type,
    created_at: "2026-11-21T11:59:30.000Z",
    data: { email_id: id, to: ["minister@example.org"], ...data },
    ...more,
  });

/** Signed by a library that isn't ours. */
function callback(body: string, secret = current, at = noon, name = "msg_1"): Callback {
  const headers = new Headers({
    "content-type": "application/json",
    "svix-id": name,
    "svix-timestamp": String(Math.floor(at.getTime() / 1000)),
    "svix-signature": new Webhook(secret).sign(name, at, body),
  });
  return { url: "https://dais.example.org/callbacks/resend", headers, body: Buffer.from(body) };
}
const headed = (of: Callback, name: string, value: string | null): Callback => {
  const headers = new Headers(of.headers);
  if (value === null) headers.delete(name);
  else headers.set(name, value);
  return { ...of, headers };
};
const delivered = callback(event("email.delivered"));
const minutes = (count: number) => new Date(noon.getTime() + count * 60_000);

describe("what Resend says of a mail", () => {
  test.each([
    ["email.sent", "sent"],
    ["email.delivered", "delivered"],
    ["email.opened", "delivered"],
    ["email.clicked", "delivered"],
  ])("%s: %s", async (type, status) => {
    expect(await reader.read(callback(event(type)))).toEqual([
      leadingTo(null, {
        kind: "status",
        digest: expect.any(String),
        vendorId: id,
        status,
        code: null,
        at: new Date("2026-11-21T11:59:30Z"),
      }),
    ]);
  });

  test.each([
    ["email.bounced", { bounce: { type: "Transient", subType: "MailboxFull" } }, "bounced_transient"],
    ["email.bounced", { bounce: { type: "Trans\nient" } }, "bounced"],
    ["email.bounced", {}, "bounced"],
    ["email.failed", { failed: { reason: "reached_daily_quota" } }, "failed"],
  ])("%s %j: failed, on to the next channel", async (type, data, code) => {
    expect(await reader.read(callback(event(type, data)))).toMatchObject([
      leadingTo("fallback", { status: "failed", code }),
    ]);
  });

  test.each([
    ["email.bounced", { bounce: { type: "Permanent", subType: "General" } }, "bounced_permanent"],
    ["email.suppressed", { suppressed: { type: "OnAccountSuppressionList" } }, "suppressed"],
  ])("%s %j: failed for good, and that address isn't written to any more", async (type, data, code) => {
    expect(await reader.read(callback(event(type, data)))).toMatchObject([
      leadingTo("opt_out", { kind: "status", vendorId: id, status: "failed", code }),
    ]);
  });

  const suppressed = (type: string, of: object) =>
    JSON.stringify({
      ...{ type, created_at: "2026-11-21T11:59:30.000Z" },
      data: { id: "e169aa45-1ecf-4183-9955-b1499d5701d3", email: "minister@example.org", ...of },
    });
  const whom = { channel: "email", from: "minister@example.org", at: new Date("2026-11-21T11:59:30Z") };

  test.each([
    ["suppression.added", { origin: "complaint", source_id: id }, { kind: "opt_out", ...whom }],
    [
      "suppression.added",
      { origin: "bounce", source_id: id },
      leadingTo("opt_out", { kind: "status", vendorId: id, status: "failed", code: "bounced_permanent" }),
    ],
    ["suppression.added", { origin: "manual", source_id: null }, { kind: "opt_out", by: "vendor", ...whom }],
    ["suppression.added", { origin: "bounce", source_id: null }, { kind: "opt_out", by: "vendor", ...whom }],
    ["suppression.removed", { origin: "bounce", source_id: id }, { kind: "opt_in", ...whom }],
    ["suppression.removed", { origin: "manual", source_id: null }, { kind: "opt_in", ...whom }],
  ])("%s %j", async (type, of, told) => {
    expect(await reader.read(callback(suppressed(type, of)))).toMatchObject([told]);
  });

  test.each([
    ["suppression.added", { origin: "complaint", email: "a@b, c@d" }],
    ["suppression.removed", { email: 7 }],
    ["suppression.changed", { origin: "complaint" }],
  ])("%s %j says nothing of use", async (type, of) => {
    expect(await reader.read(callback(suppressed(type, of)))).toEqual([]);
  });

  test("an address that is put there again, later, is news", async () => {
    const digestAt = async (created_at: string) => {
      const body = JSON.stringify({ ...JSON.parse(suppressed("suppression.removed", {})), created_at });
      return (await reader.read(callback(body)))?.[0]?.digest;
    };
    const [one, again, later] = await Promise.all(
      ["2026-11-21T11:59:30Z", "2026-11-21T11:59:30Z", "2026-11-21T11:59:40Z"].map(digestAt),
    );
    expect([again === one, later === one]).toEqual([true, false]);
  });

  test("email.complained: nothing more by mail to whom it went", async () => {
    expect(await reader.read(callback(event("email.complained")))).toMatchObject([
      { kind: "opt_out", channel: "email", from: "minister@example.org" },
    ]);
  });

  test.each([
    "email.delivery_delayed",
    "email.scheduled",
    "email.received",
    "contact.created",
    "domain.updated",
    "constructor",
    "",
  ])("%j doesn't matter", async (type) => {
    expect(await reader.read(callback(event(type)))).toEqual([]);
  });

  test.each([
    "",
    "null",
    "[]",
    "7",
    "{}",
    '{"type":"email.sent"}',
    '{"type":"email.sent","data":{"email_id":7}}',
    "{",
    "\uFFFE",
  ])("%j says nothing", async (body) => {
    expect(await reader.read(callback(body))).toEqual([]);
  });

  test("has the same digest when it is told again", async () => {
    const digest = async (of: Callback) => (await reader.read(of))?.[0]?.digest;
    const one = await digest(delivered);
    expect(await digest(callback(event("email.delivered"), before, minutes(2), "msg_2"))).toBe(one);
    expect(await digest(callback(event("email.opened")))).not.toBe(one);
  });

  test("can't have happened later than now", async () => {
    const body = event("email.sent", {}, { created_at: "2036-01-01T00:00:00Z" });
    expect(await reader.read(callback(body))).toMatchObject([{ at: noon }]);
  });
});

describe("what is taken as from Resend", () => {
  test("by either secret while one replaces the other, and by one signature of several", async () => {
    expect(await reader.read(callback(event("email.sent"), before))).toHaveLength(1);
    const signature = delivered.headers.get("svix-signature");
    expect(await reader.read(headed(delivered, "svix-signature", `v1,AAAA v2,x ${signature}`))).toHaveLength(1);
  });

  test.each([-5, 5])("%i minutes away", async (away) => {
    expect(await reader.read(callback(event("email.sent"), current, minutes(away)))).toHaveLength(1);
  });
});

describe("what is refused as not from Resend, or not of now", () => {
  test.each<[string, Callback]>([
    ["six minutes old", callback(event("email.sent"), current, minutes(-6))],
    ["six minutes ahead", callback(event("email.sent"), current, minutes(6))],
    [
      "replayed under another time",
      headed(callback(event("email.sent"), current, minutes(-60)), "svix-timestamp", String(noon.getTime() / 1000)),
    ],
    ["under another id", headed(delivered, "svix-id", "msg_2")],
    ["altered", { ...delivered, body: Buffer.from(event("email.bounced")) }],
    ["signed with another secret", callback(event("email.sent"), guessed)],
    ["without a signature", headed(delivered, "svix-signature", null)],
    ["with an empty one", headed(delivered, "svix-signature", "")],
    [
      "by another version's",
      headed(delivered, "svix-signature", (delivered.headers.get("svix-signature") ?? "").replace("v1,", "v2,")),
    ],
    ["without an id", headed(delivered, "svix-id", null)],
    ["without a time", headed(delivered, "svix-timestamp", null)],
    ["at a time that is none", headed(delivered, "svix-timestamp", "1e9")],
    ["with an id that moves the dots", headed(delivered, "svix-id", "msg_1.1")],
    ["too much of it", callback("x".repeat(300_000))],
  ])("%s", async (_, one) => {
    expect(await reader.read(one)).toBeNull();
  });

  test("without a secret nothing is taken; with one that is none it doesn't start", async () => {
    expect(await resendReader({ webhookSecrets: [], now: () => noon }).read(delivered)).toBeNull();
    expect(() => resendReader({ webhookSecrets: ["secret"], now: () => noon })).toThrow();
    expect(() => resendReader({ webhookSecrets: ["whsec_"], now: () => noon })).toThrow();
  });
});

describe("Resend and we", () => {
  const now = () => new Date();
  const to = "minister@example.org";

  async function both(faults: FaultPlan = {}) {
    const publicUrl = "https://dais.example.org/callbacks/resend";
    const ear = await listening(resendReader({ webhookSecrets: [current], now }), publicUrl);
    const vendor = await startResend({ route: ear.route, webhookUrl: ear.url, webhookSecret: current, faults });
    const settings = { apiKey: vendor.apiKey, from: "dais@example.org", replyTo: null, webhookSecrets: [current], now };
    const courier = resendCourier({ ...settings, baseUrl: vendor.url });
    open.push(ear, vendor, courier);
    return { ear, vendor, courier };
  }

  test("a mail's way is told; what bounces and who complains, too", async () => {
    const { ear, vendor, courier } = await both({ twice: 1 });
    vendor.fate(to, "opened");
    for (const one of [to, "bounced@resend.dev", "complained+7@resend.dev"]) await courier.send(messageTo(one), never);
    await vendor.settled();
    expect(ear.refused).toEqual([]);
    expect(ear.told).toHaveLength(16);
    expect(ear.digests.size).toBe(8);
    expect(ear.told.filter((one) => one.kind === "opt_out" && one.from === "complained+7@resend.dev")).toHaveLength(2);
    expect(ear.told.filter((one) => one.kind === "status" && one.code === "bounced_permanent")).toHaveLength(2);
  });

  test("an address that it doesn't send to, and when it does again", async () => {
    const { ear, vendor, courier } = await both();
    const sent = await courier.send(messageTo(to), never);
    await vendor.settled();
    const vendorId = sent.kind === "accepted" ? sent.vendorId : "";
    vendor.suppress(to, "bounce", vendorId);
    await vendor.settled();
    expect(ear.told.at(-1)).toMatchObject(leadingTo("opt_out", { vendorId, code: "bounced_permanent" }));
    vendor.unsuppress(to);
    await vendor.settled();
    expect(ear.told.at(-1)).toMatchObject({ kind: "opt_in", channel: "email", from: to });
    vendor.suppress(to, "manual");
    await vendor.settled();
    expect(ear.told.at(-1)).toMatchObject({ kind: "opt_out", channel: "email", from: to, by: "vendor" });
    await courier.send(messageTo(to), never);
    await vendor.settled();
    expect(ear.told.at(-1)).toMatchObject(leadingTo("opt_out", { status: "failed", code: "suppressed" }));
    expect(ear.refused).toEqual([]);
  });
});
