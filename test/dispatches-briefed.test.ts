import { consumers } from "@dais/modules";
import { beforeAll, describe, expect, test } from "vitest";
import { audienceOf, type BriefingRoom, briefingRoom } from "./support/briefings.ts";
import { aPolicy, aTemplate, dispatchRoom, setDailyMessages } from "./support/dispatches.ts";
import { type RelayHome, relayHome } from "./support/relay.ts";

let home: RelayHome;
beforeAll(async () => {
  home = await relayHome();
  await home.work(consumers);
});

const texts = (language: string) => ({
  subject: `${language} {{title}}`,
  body: "{{name}}: {{title}}, {{day}}\n\n{{link}}",
  short: "{{day}} {{link}}",
});
const itsTemplate = (fields: object = {}) =>
  aTemplate({
    category: "briefing",
    variables: [
      { name: "day", about: "Whose briefing it is." },
      { name: "title", about: "What it is called.", maxLength: 20 },
    ],
    languages: { en: texts("en"), ar: texts("ar") },
    ...fields,
  });

/** An organisation in which people are told of briefings, as set. */
async function room(
  communications: (templateId: string) => object = (templateId) => ({
    briefing: { templateId, policy: { ...aPolicy("whatsapp", "email"), escalateAfterMinutes: 30 } },
  }),
) {
  const briefings = await briefingRoom(home.server.url, Date.now, await home.place());
  const { set, api, done } = await dispatchRoom(home.server.url, briefings.here);
  const template = done(await api.post("/message-templates", itsTemplate()));
  await set(communications(template.id));
  const about = async (id: string) => (await api.get(`/dispatches?subjectType=briefing&subjectId=${id}`)).body.items;
  const told = (id: string) => expect.poll(async () => (await about(id)).length, { timeout: 30_000 }).toBe(1);
  return { ...briefings, api, set, template, about, told };
}
const recipientsOf = async ({ api }: { api: BriefingRoom["reads"] }, id: string) =>
  (await api.get(`/dispatch-recipients?dispatchId=${id}`)).body.items;

describe("the paper of a briefing", () => {
  test("422 dispatch_paper_missing: goes along with no dispatch before it is distributed, nor after it is withdrawn; 201 between", async () => {
    const here = await room(() => ({}));
    const approved = await here.approved({ classification: "internal" });
    const send = () =>
      here.api.post("/dispatches", {
        ...{
          templateId: here.template.id,
          values: { en: { day: "Today", title: "Rain" } },
          classification: "internal",
        },
        ...{ subject: { type: "briefing", id: approved.id }, attachesPaper: true },
        ...{ audience: audienceOf(here.reader), policy: aPolicy("email") },
      });
    const missing = { status: 422, body: { code: "dispatch_paper_missing" } };
    expect(await send()).toMatchObject(missing);
    const distributed = here.done(await here.send(approved, "distribute", here.writes));
    expect((await send()).status).toBe(201);
    await here.send(distributed, "withdraw", here.writes, { reason: "A test." });
    expect(await send()).toMatchObject(missing);
  });
});

describe("a distributed briefing", () => {
  test("reaches its audience by a dispatch: with its day and title in both languages, its classification and its paper", async () => {
    const here = await room();
    const title = { en: "A morning briefing of many words", ar: "إحاطة الصباح" };
    const briefing = await here.distributed({ title, classification: "internal" });
    await here.told(briefing.id);
    const [{ id }] = await here.about(briefing.id);
    const dispatch = (await here.api.get(`/dispatches/${id}`)).body;
    expect(dispatch).toMatchObject({
      ...{ templateId: here.template.id, state: "running", drill: false, attachesPaper: true, recipients: 1 },
      ...{ classification: "internal", subject: { type: "briefing", id: briefing.id } },
      policy: { steps: [{ channel: "whatsapp" }, { channel: "email" }], escalateAfterMinutes: 30 },
      content: { values: { en: { title: "A morning briefing…" }, ar: { title: "إحاطة الصباح" } } },
    });
    const { en, ar } = dispatch.content.values;
    expect(en.day).toMatch(/^\d{1,2} \w+ \d{4}$/);
    expect(ar.day).toMatch(/\p{Script=Arabic}/u);
    expect(await recipientsOf(here, id)).toMatchObject([{ personId: here.reader.id }]);
    const [entry] = (await here.api.get(`/audit?resourceId=${id}`)).body.items;
    expect(entry).toMatchObject({ operation: "dispatches.create", actorId: "system", onBehalfOf: here.author.id });
    expect(dispatch.createdBy).toBe(here.author.id);
  });

  test("reaches nobody by a dispatch where the organisation has set nothing", async () => {
    const here = await room(() => ({}));
    const briefing = await here.distributed();
    const other = await room();
    const second = await other.distributed();
    await other.told(second.id);
    expect(await here.about(briefing.id)).toEqual([]);
  });

  test("that is withdrawn stops its dispatch", async () => {
    const here = await room();
    const briefing = await here.distributed();
    await here.told(briefing.id);
    here.done(await here.send(briefing, "withdraw", here.writes, { reason: "The wrong chart was in it." }));
    const state = async () => (await here.about(briefing.id))[0];
    await expect.poll(async () => (await state()).state, { timeout: 30_000 }).toBe("stopped");
    expect(await state()).toMatchObject({ stateReason: "The briefing was withdrawn." });
  });

  test("beyond the day's cap is distributed all the same, and told once the cap allows it", async () => {
    const here = await room((templateId) => ({ dailyMessages: 0, briefing: { templateId, policy: aPolicy("sms") } }));
    const briefing = await here.distributed({ audience: audienceOf(here.reader) });
    expect(briefing.state).toBe("distributed");
    const letters = async () => (await here.api.get("/dead-letters")).body.items;
    await expect.poll(async () => (await letters()).length, { timeout: 30_000 }).toBe(1);
    expect(await here.about(briefing.id)).toEqual([]);
    await setDailyMessages(here.here, 10, home.owner);
    const [letter] = await letters();
    expect(letter).toMatchObject({ consumer: "dispatches.briefed", errorCode: "dispatch_cap" });
    here.done(await here.api.post(`/dead-letters/${letter.id}/retry`, {}));
    await here.told(briefing.id);
  });
});

describe("organisations.update", () => {
  test("422 organisation_template_unfit: briefings are told by a template that there is, of day and title alone", async () => {
    const here = await room();
    const { id, version } = (await here.api.get("/organisations/current")).body;
    const other = here.done(await here.api.post("/message-templates", aTemplate()));
    for (const templateId of [other.id, here.template.id.replace(/.{4}$/, "zzzz")])
      expect(
        await here.api.patch(`/organisations/${id}`, {
          version,
          communications: { briefing: { templateId, policy: aPolicy("sms") } },
        }),
      ).toMatchObject({ status: 422, body: { code: "organisation_template_unfit" } });
  });
});
