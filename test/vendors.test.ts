import { faultKinds, faultsOf } from "@dais/local/vendors/faults";
import { startGraph } from "@dais/local/vendors/graph";
import { startResend } from "@dais/local/vendors/resend";
import { svixHeaders } from "@dais/local/vendors/svix";
import { startTwilio, type Twilio, type TwilioOptions } from "@dais/local/vendors/twilio";
import { signatureOf } from "@dais/local/vendors/twilio-signature";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { answering, someNumber } from "./support/couriers.ts";

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});
const opened = <T extends { close(): Promise<unknown> }>(one: T): T => {
  open.push(one);
  return one;
};

const from = "+97145550002";
const twilio = async (options: TwilioOptions = {}): Promise<Twilio> => opened(await startTwilio(options));

/** Asks the stand-in as anybody would, without our adapter. */
function asTwilio(
  { url, accountSid, authToken }: Twilio,
  path = "Messages.json",
  form?: Record<string, string>,
  token = authToken,
) {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${token}`).toString("base64")}`;
  const body = form && new URLSearchParams(form);
  return fetch(`${url}/2010-04-01/Accounts/${accountSid}/${path}`, {
    headers: { authorization },
    ...(body && { method: "POST", body }),
  });
}
// biome-ignore lint/suspicious/noExplicitAny: what a vendor's answer has in it, the test says
const json = async (answer: Promise<Response>): Promise<any> => (await answer).json();

describe("the stand-in of Twilio", () => {
  test("answers as Twilio's API description says", async () => {
    const vendor = await twilio();
    const to = someNumber();
    const answer = await asTwilio(vendor, "Messages.json", { To: to, From: from, Body: "Hello" });
    expect(answer.status).toBe(201);
    const made = await json(Promise.resolve(answer));
    expect(made).toMatchObject({
      ...{
        account_sid: vendor.accountSid,
        api_version: "2010-04-01",
        body: "Hello",
        direction: "outbound-api",
        to,
        from,
      },
      ...{ status: "queued", error_code: null, date_sent: null, sid: expect.stringMatching(/^SM[0-9a-f]{32}$/) },
    });
    expect(Date.parse(made.date_created)).not.toBeNaN();
    expect(await json(asTwilio(vendor, `Messages/${made.sid}.json`))).toMatchObject({
      sid: made.sid,
      status: "delivered",
    });
    expect((await asTwilio(vendor, "Messages/SM1.json")).status).toBe(404);
  });

  test.each([
    [{ From: from, Body: "x" }, 400, 21604],
    [{ To: "+971501234567", Body: "x" }, 400, 21603],
    [{ To: "+971501234567", From: from }, 400, 21602],
    [{ To: "0501234567", From: from, Body: "x" }, 400, 21211],
    [{ To: "whatsapp:+971501234567", From: from, Body: "x" }, 400, 21910],
    [{ To: from, From: from, Body: "x" }, 400, 21266],
    [{ To: "+971501234567", From: from, Body: "x".repeat(1601) }, 400, 21617],
    [{ To: "+971501234567", MessagingServiceSid: "MG1", Body: "x" }, 400, 21701],
    [{ To: "+971501234567", From: from, ContentSid: `HX${"0".repeat(32)}` }, 404, 21655],
  ])("refuses %j with %i and %i", async (form, status, code) => {
    const vendor = await twilio();
    const answer = await asTwilio(vendor, "Messages.json", form as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(await json(Promise.resolve(answer))).toEqual({
      ...{ code, status, message: expect.any(String), more_info: `https://www.twilio.com/docs/errors/${code}` },
    });
    expect(vendor.sent()).toEqual([]);
  });

  test("refuses a wrong password, and variables that WhatsApp refuses", async () => {
    const vendor = await twilio();
    expect((await asTwilio(vendor, "Messages.json", { To: someNumber(), From: from, Body: "x" }, "wrong")).status).toBe(
      401,
    );
    const ContentSid = vendor.template("{{1}}");
    for (const value of ["a\nb", "", "a     b", 7]) {
      const ContentVariables = JSON.stringify({ 1: value });
      const form = { To: `whatsapp:${someNumber()}`, From: `whatsapp:${from}`, ContentSid, ContentVariables };
      expect(await json(asTwilio(vendor, "Messages.json", form))).toMatchObject({ code: 21656 });
    }
  });

  test("fails what has other variables than its template names: more, fewer, or none", async () => {
    const vendor = await twilio();
    const ContentSid = vendor.template("{{name}}: {{link}}, {{link}}");
    const of = async (variables: object | null) => {
      const To = `whatsapp:${someNumber()}`;
      const said = variables && { ContentVariables: JSON.stringify(variables) };
      await asTwilio(vendor, "Messages.json", { To, From: `whatsapp:${from}`, ContentSid, ...said });
      return vendor.sentTo(To.slice("whatsapp:".length))[0]?.code;
    };
    expect(await of({ name: "x", link: "y" })).toBeNull();
    for (const wrong of [{ name: "x", link: "y", day: "z" }, { name: "x" }, { name: "x", day: "z" }, null])
      expect(await of(wrong)).toBe("63028");
  });

  test("lists by recipient in pages; what waits has no day on which it was sent", async () => {
    const vendor = await twilio();
    const [to, waiting] = [someNumber(), someNumber()];
    vendor.fate(waiting, "queued");
    for (const To of [to, to, to, waiting]) await asTwilio(vendor, "Messages.json", { To, From: from, Body: "x" });
    const first = await json(asTwilio(vendor, `Messages.json?${new URLSearchParams({ To: to, PageSize: "2" })}`));
    expect(first.messages).toHaveLength(2);
    const path = first.next_page_uri.split(`${vendor.accountSid}/`)[1];
    expect(await json(asTwilio(vendor, path))).toMatchObject({ messages: [{ to }], next_page_uri: null });
    const found = (query: Record<string, string>) =>
      json(asTwilio(vendor, `Messages.json?${new URLSearchParams(query)}`));
    expect((await found({ To: waiting })).messages).toHaveLength(1);
    expect((await found({ To: waiting, "DateSent>": "2020-01-01" })).messages).toHaveLength(0);
    expect((await found({ To: to, "DateSent>": "2020-01-01" })).messages).toHaveLength(3);
  });

  test("keeps contents that were made by its API", async () => {
    const vendor = await twilio();
    const authorization = `Basic ${Buffer.from(`${vendor.accountSid}:${vendor.authToken}`).toString("base64")}`;
    const body = JSON.stringify({ language: "ar", types: { "twilio/text": { body: "خبر: {{1}}" } } });
    const made = await json(fetch(`${vendor.url}/v1/Content`, { method: "POST", headers: { authorization }, body }));
    const to = someNumber();
    const form = {
      To: `whatsapp:${to}`,
      From: `whatsapp:${from}`,
      ContentSid: made.sid,
      ContentVariables: '{"1":"مفتوح"}',
    };
    await asTwilio(vendor, "Messages.json", form);
    expect(vendor.sentTo(to)).toMatchObject([{ channel: "whatsapp", text: "خبر: مفتوح" }]);
  });

  test("signs as Twilio's documentation shows it", () => {
    const fields = {
      CallSid: "CA1234567890ABCDE",
      Caller: "+14158675309",
      Digits: "1234",
      From: "+14158675309",
      To: "+18005551212",
    };
    const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    expect(signatureOf("12345", url, fields)).toBe("RSOYDt4T1cUTdK1PDd93/VVr8B8=");
  });

  test("a window is open for a day after somebody wrote", async () => {
    let now = new Date("2026-11-21T12:00:00Z");
    const vendor = await twilio({ now: () => now });
    const to = someNumber();
    const send = () => asTwilio(vendor, "Messages.json", { To: `whatsapp:${to}`, From: `whatsapp:${from}`, Body: "x" });
    vendor.receive({ channel: "whatsapp", from: to, to: from, text: "Hello" });
    await send();
    now = new Date("2026-11-22T12:00:00Z");
    await send();
    expect(vendor.sentTo(to)).toMatchObject([
      { status: "delivered", code: null },
      { status: "failed", code: "63016" },
    ]);
  });

  test("tells again what nobody took, and counts what it was answered", async () => {
    let refusals = 1;
    const ear = opened(await answering(() => ({ status: refusals-- > 0 ? 503 : 204 })));
    const vendor = await twilio();
    vendor.fate("+971501112222", "queued");
    await asTwilio(vendor, "Messages.json", { To: "+971501112222", From: from, Body: "x", StatusCallback: ear.url });
    await vendor.settled();
    expect([...vendor.answers()]).toEqual([
      [503, 1],
      [204, 1],
    ]);
  });
});

describe("the stand-in of Resend", () => {
  const mail = { from: "Dais <dais@example.org>", to: ["a@example.org"], subject: "S", text: "T" };
  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/emails`, {
      method: "POST",
      headers: { authorization: "Bearer re_stand-in", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  test.each([
    ["{", 400, "validation_error"],
    [{ ...mail, from: undefined }, 422, "missing_required_field"],
    [{ ...mail, to: [] }, 422, "validation_error"],
    [{ ...mail, to: "nobody" }, 422, "validation_error"],
    [{ ...mail, from: "nobody" }, 422, "validation_error"],
    [{ ...mail, subject: "a\r\nBcc: b@c.d" }, 422, "validation_error"],
    [{ ...mail, text: undefined }, 422, "missing_required_field"],
    [{ ...mail, attachments: [{ filename: "a" }] }, 422, "invalid_attachment"],
  ])("refuses %j with %i %s", async (body, statusCode, name) => {
    const vendor = opened(await startResend());
    const answer = await post(vendor.url, body);
    expect(answer.status).toBe(statusCode);
    expect(await answer.json()).toEqual({ statusCode, name, message: expect.any(String) });
    expect(vendor.sent()).toEqual([]);
  });

  test("asks for its key", async () => {
    const { url } = opened(await startResend());
    expect((await post(url, mail, { authorization: "Bearer x" })).status).toBe(403);
    expect((await fetch(`${url}/emails`, { method: "POST", body: "{}" })).status).toBe(401);
  });

  test("the same key and bytes are one mail for a day; other bytes are refused", async () => {
    let now = new Date("2026-11-21T12:00:00Z");
    const vendor = opened(await startResend({ now: () => now }));
    const key = { "idempotency-key": "k1" };
    const first = await json(post(vendor.url, mail, key));
    expect(await json(post(vendor.url, mail, key))).toEqual(first);
    expect((await post(vendor.url, { ...mail, text: "U" }, key)).status).toBe(409);
    expect((await post(vendor.url, mail, { "idempotency-key": "x".repeat(257) })).status).toBe(400);
    now = new Date("2026-11-22T12:00:00Z");
    expect(await json(post(vendor.url, mail, key))).not.toEqual(first);
    expect(vendor.sent()).toHaveLength(2);
  });

  test("signs as Svix does, by another's library", () => {
    const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
    const body = '{"type":"email.sent"}';
    const headers = svixHeaders(secret, body, new Date());
    const named = Object.entries(headers).map(([name, value]) => [name.replace("svix-", "webhook-"), value]);
    expect(new Webhook(secret).verify(body, Object.fromEntries(named))).toEqual({ type: "email.sent" });
  });
});

describe("the stand-in of Graph", () => {
  const me = "00000000-0000-4000-8000-000000000001";
  const member = (url: string, id: string) => ({
    ...{ "@odata.type": "#microsoft.graph.aadUserConversationMember", roles: ["owner"] },
    "user@odata.bind": `${url}/v1.0/users('${id}')`,
  });

  async function signedIn() {
    const vendor = opened(await startGraph());
    const scope = ["Chat.Create", "ChatMessage.Send", "Chat.Read"]
      .map((one) => `https://graph.microsoft.com/${one}`)
      .join(" ");
    const { clientId: client_id, clientSecret: client_secret, refreshToken: refresh_token } = vendor;
    const grant = { grant_type: "refresh_token", client_id, client_secret, refresh_token, scope };
    const renewed = await json(fetch(vendor.tokenUrl, { method: "POST", body: new URLSearchParams(grant) }));
    const headers = { authorization: `Bearer ${renewed.access_token}` };
    const post = (path: string, body: unknown) =>
      fetch(`${vendor.url}/v1.0/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return { vendor, post, grant };
  }

  test("one chat of two people, however often it is asked for; not without the one who asks", async () => {
    const { vendor, post } = await signedIn();
    const [you, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const chat = (...ids: string[]) =>
      post("chats", { chatType: "oneOnOne", members: ids.map((id) => member(vendor.url, id)) });
    const { id } = await json(chat(me, you));
    expect(await json(chat(you, me))).toMatchObject({ id });
    expect((await chat(you, other)).status).toBe(403);
    expect((await chat(me)).status).toBe(400);
    expect((await chat(me, me)).status).toBe(400);
    expect((await post(`chats/${id}/messages`, {})).status).toBe(400);
    expect((await post(`chats/${id}/messages`, { body: { content: "<p>Hi</p>" } })).status).toBe(201);
    expect(vendor.sentTo(you)).toMatchObject([{ channel: "teams", to: you, text: "Hi" }]);
  });

  test("asks for a token, and for the right to get one", async () => {
    const { vendor, grant } = await signedIn();
    expect((await fetch(`${vendor.url}/v1.0/chats`, { method: "POST", body: "{}" })).status).toBe(401);
    const renew = (of: object) =>
      fetch(vendor.tokenUrl, { method: "POST", body: new URLSearchParams({ ...grant, ...of }) });
    expect(await json(renew({ client_secret: "x" }))).toMatchObject({ error: "invalid_client" });
    expect(await json(renew({ refresh_token: "x" }))).toMatchObject({ error: "invalid_grant" });
    expect(await json(renew({ scope: "https://graph.microsoft.com/Chat.Read" }))).toMatchObject({
      error: "invalid_request",
    });
  });
});

describe("faults", () => {
  const drawn = (seed: number) => {
    const faults = faultsOf({ seed, sending: { refuse: 0.1, break: 0.1, cut_after: 0.1 } });
    return Array.from({ length: 2000 }, () => faults.next("sending"));
  };

  test("are the same for the same seed, and about as frequent as planned", () => {
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(8)).not.toEqual(drawn(7));
    for (const fault of ["refuse", "break", "cut_after"] as const) {
      const share = drawn(7).filter((one) => one === fault).length / 2000;
      expect(share).toBeGreaterThan(0.07);
      expect(share).toBeLessThan(0.13);
    }
  });

  test("that are asked for come first, each once, to their kind of request", () => {
    const faults = faultsOf();
    for (const fault of faultKinds) faults.once(fault, "looking");
    expect(faults.next("sending")).toBeNull();
    expect(faultKinds.map(() => faults.next("looking"))).toEqual([...faultKinds]);
    expect(faults.next("looking")).toBeNull();
  });

  test("nothing goes wrong by itself", () => {
    const faults = faultsOf({ seed: 3 });
    expect(Array.from({ length: 100 }, () => faults.next("sending")).filter(Boolean)).toEqual([]);
  });
});

describe("load", () => {
  test("a thousand messages and their callbacks, each told", async () => {
    const ear = opened(await answering(() => ({ status: 204 })));
    const vendor = await twilio({ faults: { seed: 5, twice: 0.1, overtaken: 0.1 } });
    for (let batch = 0; batch < 50; batch += 1)
      await Promise.all(
        Array.from({ length: 20 }, () =>
          asTwilio(vendor, "Messages.json", { To: someNumber(), From: from, Body: "x", StatusCallback: ear.url }).then(
            (answer) => answer.arrayBuffer(),
          ),
        ),
      );
    await vendor.settled();
    expect(vendor.sent()).toHaveLength(1000);
    expect(vendor.sent().every(({ status }) => status === "delivered")).toBe(true);
    expect(ear.asked()).toBeGreaterThanOrEqual(3000);
  });
});
