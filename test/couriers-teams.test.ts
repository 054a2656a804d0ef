import { type TeamsSettings, teamsCourier } from "@dais/adapters/teams";
import type { Courier } from "@dais/kernel/couriers/port";
import type { FaultPlan } from "@dais/local/vendors/faults";
import { type GraphOptions, startGraph } from "@dais/local/vendors/graph";
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

const someUser = () => crypto.randomUUID();
const since = new Date();

async function teams(options: GraphOptions = {}, of: Partial<TeamsSettings> = {}) {
  const vendor = opened(await startGraph(options));
  const { url, tokenUrl, clientId, clientSecret, senderId, refreshToken } = vendor;
  const settings = { graphUrl: url, tokenUrl, clientId, clientSecret, senderId, refreshToken, now: () => new Date() };
  const courierOf = (more: Partial<TeamsSettings> = {}): Courier =>
    opened(teamsCourier({ ...settings, ...of, ...more }));
  return { vendor, courier: courierOf(), courierOf };
}

describe("teams.send", () => {
  test("writes in the chat of two, which is made once", async () => {
    const { vendor, courier } = await teams();
    const to = someUser();
    const message = messageTo(to, { subject: "Noon <b>", text: "One & two\nthree\n\n<script>x</script>" });
    expect(await courier.send(message, never)).toEqual({
      kind: "accepted",
      vendorId: expect.any(String),
      status: "sent",
    });
    expect(await courier.send(messageTo(to), never)).toMatchObject({ kind: "accepted" });
    const [first] = vendor.sentTo(to);
    expect(first?.html).toBe(
      "<p><strong>Noon &lt;b&gt;</strong></p><p>One &amp; two<br>three</p><p>&lt;script&gt;x&lt;/script&gt;</p>",
    );
    expect(vendor.sentTo(to)).toHaveLength(2);
    // A token, a chat, and two messages.
    expect(vendor.requests()).toBe(4);
  });

  test("two that were made in the same moment, in two chats, are told apart", async () => {
    const at = new Date();
    const { vendor, courier } = await teams({ now: () => at });
    const [one, other] = [someUser(), someUser()];
    const ids = [];
    for (const to of [one, other, one]) {
      const handed = await courier.send(messageTo(to), never);
      ids.push(handed.kind === "accepted" && handed.vendorId);
    }
    expect(new Set(ids).size).toBe(3);
    expect(ids).toEqual(vendor.sent().map(({ id }) => id));
    const own = ids.map((id) => String(id).split("/").at(-1));
    expect(own[0]).toBe(own[1]);
  });

  test("Arabic from right to left", async () => {
    const { vendor, courier } = await teams();
    const to = someUser();
    await courier.send(messageTo(to, { subject: "إيجاز", text: "الميناء مفتوح", language: "ar" }), never);
    expect(vendor.sentTo(to)[0]?.html).toBe(
      '<p dir="rtl" lang="ar"><strong>إيجاز</strong></p><p dir="rtl" lang="ar">الميناء مفتوح</p>',
    );
  });

  test("many at once renew the token once", async () => {
    const { vendor, courier } = await teams();
    const all = Array.from({ length: 20 }, () => courier.send(messageTo(someUser()), never));
    for (const handed of await Promise.all(all)) expect(handed).toMatchObject({ kind: "accepted" });
    expect([vendor.sent().length, vendor.renewals()]).toEqual([20, 1]);
  });

  test("a token that has ended, or was taken back, is renewed; the next refresh token is told", async () => {
    const told: string[] = [];
    let now = new Date();
    const { vendor, courier } = await teams({}, { now: () => now, renewed: (token) => void told.push(token) });
    await courier.send(messageTo(someUser()), never);
    vendor.revoke();
    expect(await courier.send(messageTo(someUser()), never)).toMatchObject({ kind: "accepted" });
    now = new Date(now.getTime() + 3_590_000);
    expect(await courier.send(messageTo(someUser()), never)).toMatchObject({ kind: "accepted" });
    expect(told).toEqual(["refresh-1", "refresh-2", "refresh-3"]);
  });

  test.each(["", "user@example.org", "../me", `${crypto.randomUUID()}')`])("%j is nobody's id", async (to) => {
    const { vendor, courier } = await teams();
    expect(await courier.send(messageTo(to), never)).toMatchObject(
      leadingTo("fallback", { kind: "refused", code: "invalid_recipient" }),
    );
    expect(vendor.requests()).toBe(0);
  });

  test("who isn't in the directory, and what is too long for a chat", async () => {
    const known = someUser();
    const { courier } = await teams({ users: [known] });
    expect(await courier.send(messageTo(someUser()), never)).toMatchObject(leadingTo("fallback", { code: "notfound" }));
    expect(await courier.send(messageTo(known, { text: "x".repeat(30_000) }), never)).toMatchObject(
      leadingTo("fallback", { code: "too_long" }),
    );
  });

  test("asked too often: again after as long as Graph says", async () => {
    const { vendor, courier } = await teams();
    vendor.faults.once("refuse");
    expect(await courier.send(messageTo(someUser()), never)).toEqual(
      leadingTo("retry", { kind: "refused", code: "toomanyrequests", retryAfterMs: 1000, limited: true }),
    );
  });

  test.each<[keyof NonNullable<FaultPlan["sending"]>, string, number]>([
    ["break", "http_500", 0],
    ["break_after", "http_500", 1],
    ["cut", "unreachable", 0],
    ["cut_after", "unreachable", 1],
    ["hang", "timed_out", 0],
    ["hang_after", "timed_out", 1],
  ])("%s: it may have been taken", async (fault, code, taken) => {
    const { vendor, courier } = await teams();
    vendor.faults.once(fault);
    const send = (signal: AbortSignal) => courier.send(messageTo(someUser()), signal);
    // A token, a chat, and the message.
    const there = () => vendor.requests() === 3 && vendor.sent().length === taken;
    expect(await (fault.startsWith("hang") ? givenUp(there, send) : send(never))).toEqual({ kind: "unknown", code });
    expect(vendor.sent()).toHaveLength(taken);
  });

  test("a consent that has ended: on to the next channel. A directory that is away: nothing has left", async () => {
    const { courierOf } = await teams();
    const send = (of: Partial<TeamsSettings>) => courierOf(of).send(messageTo(someUser()), never);
    expect(await send({ refreshToken: "gone" })).toMatchObject(leadingTo("fallback", { code: "consent_ended" }));
    expect(await send({ clientSecret: "wrong" })).toMatchObject(leadingTo("fallback", { code: "consent_ended" }));
    const nobody = `http://127.0.0.1:${await closedPort()}`;
    expect(await send({ tokenUrl: `${nobody}/token` })).toMatchObject(leadingTo("retry", { code: "unreachable" }));
    const broken = opened(await answering(() => ({ status: 500 })));
    expect(await send({ tokenUrl: `${broken.url}/token` })).toMatchObject(leadingTo("retry", { kind: "refused" }));
    expect(await send({ graphUrl: nobody })).toMatchObject(leadingTo("retry", { code: "unreachable" }));
  });

  test("an address that others can listen to isn't taken", async () => {
    const { courierOf } = await teams();
    expect(() => courierOf({ graphUrl: "http://graph.example" })).toThrow();
    expect(() => courierOf({ tokenUrl: "http://login.example/token" })).toThrow();
  });
});

describe("teams.send, called off while the chat is made", () => {
  test("nothing is written; what is wanted is asked about once, at the last moment", async () => {
    const { vendor, courier } = await teams();
    const to = someUser();
    const asked: number[] = [];
    const still = (answer: boolean) => async () => {
      asked.push(vendor.requests());
      return answer;
    };
    expect(await courier.send(messageTo(to), never, still(false))).toEqual({ kind: "unsent" });
    expect(vendor.sent()).toEqual([]);
    expect(await courier.send(messageTo(to), never, still(true))).toMatchObject({ kind: "accepted" });
    // After the token and the chat, which are there the second time.
    expect(asked).toEqual([2, 2]);
  });

  test("a token that was taken back: the question is asked before each try", async () => {
    const { vendor, courier } = await teams();
    const to = someUser();
    await courier.send(messageTo(to), never);
    vendor.revoke();
    const answers = [true, false];
    const still = async () => answers.shift() ?? true;
    expect(await courier.send(messageTo(to), never, still)).toEqual({ kind: "unsent" });
    expect([answers, vendor.sentTo(to).length]).toEqual([[], 1]);
  });
});

describe("teams.find", () => {
  test("finds what was taken before the answer was lost, by its marker, also one with signs", async () => {
    const { vendor, courier } = await teams();
    const to = someUser();
    const message = messageTo(to, { marker: "Ref <7> & more", text: "All open.\n\nRef <7> & more" });
    vendor.faults.once("cut_after");
    expect(await courier.send(message, never)).toMatchObject({ kind: "unknown" });
    expect(await courier.find(message, since, never)).toEqual({
      ...{ kind: "found", vendorId: vendor.sentTo(to)[0]?.id, status: "sent", code: null },
    });
    expect(await courier.find(messageTo(to), since, never)).toEqual({ kind: "absent" });
  });

  test("looks through several pages, and not past its time", async () => {
    let now = new Date(Date.now() - 3 * 3_600_000);
    const { vendor, courier } = await teams({ now: () => now, tokenSeconds: 100_000 });
    const to = someUser();
    const message = messageTo(to);
    await courier.send(message, never);
    for (let sent = 0; sent < 70; sent += 1) await courier.send(messageTo(to), never);
    expect(await courier.find(message, now, never)).toMatchObject({ kind: "found" });
    const before = vendor.requests();
    now = new Date();
    expect(await courier.find(messageTo(to), now, never)).toEqual({ kind: "absent" });
    expect(vendor.requests() - before).toBe(1);
  });

  test.each(["refuse", "break", "cut", "hang"] as const)("away where Graph can't be asked: %s", async (fault) => {
    const { vendor, courier } = await teams();
    const message = messageTo(someUser());
    await courier.send(message, never);
    vendor.faults.once(fault, "looking");
    const find = (signal: AbortSignal) => courier.find(message, since, signal);
    expect(await (fault === "hang" ? givenUp(() => vendor.requests() === 4, find) : find(never))).toEqual({
      kind: "away",
    });
    expect(await find(never)).toMatchObject({ kind: "found" });
  });

  test("away, not absent, where the consent has ended meanwhile", async () => {
    const { courierOf } = await teams();
    expect(await courierOf({ refreshToken: "gone" }).find(messageTo(someUser()), since, never)).toEqual({
      kind: "away",
    });
  });

  test("a link elsewhere is not followed: the token goes to Graph alone", async () => {
    const elsewhere = opened(await answering(() => ({ status: 200, body: "{}" })));
    let base = "";
    const lying = opened(
      await answering(({ url = "" }) => {
        const body = url.includes("token")
          ? { access_token: "a", expires_in: 3600 }
          : url.endsWith("/chats")
            ? { id: "19:x" }
            : { value: [{ id: "1", body: {} }], "@odata.nextLink": `${base}/v1.0/next` };
        return { status: 200, body: JSON.stringify(body) };
      }),
    );
    base = elsewhere.url;
    const { courierOf } = await teams();
    const courier = courierOf({ graphUrl: lying.url, tokenUrl: `${lying.url}/token` });
    expect(await courier.find(messageTo(someUser()), since, never)).toEqual({ kind: "away" });
    expect(elsewhere.asked()).toBe(0);
  });
});
