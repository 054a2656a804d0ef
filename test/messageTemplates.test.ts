import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { aTemplate } from "./support/dispatches.ts";
import { type Place, place } from "./support/place.ts";
import { type Reply, type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";

let here: Place;
let api: RestClient;
beforeAll(async () => {
  const { url } = await startServer();
  here = await place();
  api = restClient(url, await here.key());
});
const create = (fields: object = {}): Promise<Reply> => api.post("/message-templates", aTemplate(fields));
const made = async (fields: object = {}): Promise<Reply["body"]> => (await create(fields)).body;
const text = (some: object) => ({ subject: "A", body: "B", short: "C", ...some });

describe("messageTemplates.create", () => {
  test("201: as it was said, on record and told", async () => {
    const said = aTemplate();
    const { status, body, headers } = await create(said);
    expect({ status, body }).toMatchObject({ status: 201, body: { key: said.key, category: "alert", version: 1 } });
    expect(body.variables).toEqual([{ name: "site", about: "Where it is.", maxLength: 200 }]);
    expect(body.languages.en.contentSid).toBeNull();
    expect(headers.get("location")).toBe(`/v1/message-templates/${body.id}`);
    expect(await here.trail(uuidOf(body.id))).toMatchObject([{ action: "message_template.create" }]);
    expect(await told(here)).toContainEqual(["message_template.created", { id: body.id }]);
  });

  test("201: what the server says by itself needs no declaration", async () => {
    const languages = { en: text({ body: "{{name}} of {{organisation}}: {{link}}" }) };
    expect(await create({ variables: [], languages })).toMatchObject({
      status: 201,
      body: { languages: { ar: null } },
    });
  });

  test.each([
    ["an undeclared variable", { body: "{{sight}}" }, ["sight"]],
    ["one in a subject", { subject: "{{Site}}" }, ["Site"]],
    ["braces around what is no name", { short: "{{ site }} {{}} {{a.b}}" }, [" site ", "", "a.b"]],
    ["braces that nothing closes", { body: "{{site" }, ["{{"]],
    ["an expression", { body: "{{#each site}}{{constructor}}{{/each}}" }, ["#each site", "constructor", "/each"]],
  ])("422 message_template_variable_unknown: %s", async (_, some, names) => {
    expect(await create({ languages: { en: text(some) } })).toMatchObject({
      status: 422,
      body: { code: "message_template_variable_unknown", names },
    });
  });

  test("422: a variable twice, the server's own, and a template in no language", async () => {
    const variable = (name: string) => ({ name, about: "A test." });
    const languages = { en: text({}) };
    expect((await create({ variables: [variable("a"), variable("a")], languages })).body).toMatchObject({
      ...{ code: "message_template_variable_twice", names: ["a"] },
    });
    expect((await create({ variables: [variable("link")], languages })).body).toMatchObject({
      ...{ code: "message_template_variable_reserved", names: ["link"] },
    });
    expect((await create({ languages: {} })).body.code).toBe("message_template_empty");
  });

  test("422 message_template_variable_long: where WhatsApp's own template has it by name, of 16 characters at most", async () => {
    const variables = ["a23456789012345678", "a234567890123456", "a2345678901234567"].map((name) => ({
      name,
      about: "A test.",
    }));
    const [longer, fits, long] = variables.map(({ name }) => `{{${name}}}`);
    const contentSid = `HX${"1".repeat(32)}`;
    const send = (some: object) => create({ variables, languages: { en: text(some) } });
    expect(await send({ short: `${long} ${fits} ${long}`, contentSid })).toMatchObject({
      ...{ status: 422, body: { code: "message_template_variable_long", names: ["a2345678901234567"] } },
    });
    for (const some of [
      { short: `${long} ${longer}` },
      { short: `${fits} {{organisation}}`, body: `${long}`, contentSid },
    ])
      expect((await send(some)).status).toBe(201);
  });

  test("400: what is too long, of more than one line, or no content template's SID", async () => {
    const cases = [
      ...[{ subject: "A\r\nBcc: everybody@example.org" }, { subject: "x".repeat(201) }, { body: "x".repeat(20_001) }],
      ...[{ short: "x".repeat(1001) }, { contentSid: "HX1" }, { surprise: 1 }],
    ];
    for (const some of cases) {
      const { status, body } = await create({ languages: { en: text(some) } });
      expect({ status, pointer: body.errors[0].pointer }, JSON.stringify(some).slice(0, 60)).toEqual({
        ...{ status: 400, pointer: `/body/languages/en/${Object.keys(some)[0]}` },
      });
    }
  });

  test("409 message_template_key_taken: until the other one is retired", async () => {
    const { id, key } = await made();
    expect((await create({ key })).body.code).toBe("message_template_key_taken");
    await api.post(`/message-templates/${id}/retire`, { version: 1 });
    expect((await create({ key })).status).toBe(201);
  });
});

describe("messageTemplates.update", () => {
  test("200: what is left out stays, and what changes nothing is no version", async () => {
    const { id, languages } = await made();
    const after = await api.patch(`/message-templates/${id}`, { version: 1, category: "crisis" });
    expect(after.body).toMatchObject({ category: "crisis", languages, version: 2 });
    expect((await api.patch(`/message-templates/${id}`, { version: 2, category: "crisis" })).body.version).toBe(2);
    expect(await here.trail(uuidOf(id))).toMatchObject([{}, { changed: true }, { changed: false }]);
  });

  test("422: texts and variables must fit each other after the change", async () => {
    const { id } = await made();
    const { status, body } = await api.patch(`/message-templates/${id}`, { version: 1, variables: [] });
    expect({ status, body }).toMatchObject({
      ...{ status: 422, body: { code: "message_template_variable_unknown", names: ["site"] } },
    });
  });

  test("412 for another version, 409 for one that is retired", async () => {
    const { id } = await made();
    const change = (version: number) => api.patch(`/message-templates/${id}`, { version, category: "crisis" });
    expect((await change(7)).body).toMatchObject({ code: "message_template_changed", version: 1 });
    await api.post(`/message-templates/${id}/retire`, { version: 1 });
    expect((await change(2)).body.code).toBe("message_template_retired");
  });
});

describe("messageTemplates.retire", () => {
  test("200: it is listed no longer among the others, and can't be retired twice", async () => {
    const { id, key } = await made();
    const { body } = await api.post(`/message-templates/${id}/retire`, { version: 1 });
    expect(body).toMatchObject({ retiredAt: expect.any(String), version: 2 });
    expect((await api.get(`/message-templates?key=${key}`)).body.items).toEqual([]);
    expect((await api.get(`/message-templates?key=${key}&retired=true`)).body.items).toMatchObject([{ id }]);
    expect((await api.post(`/message-templates/${id}/retire`, { version: 2 })).body.code).toBe(
      "message_template_retired",
    );
  });
});

describe("messageTemplates.list", () => {
  test("200: newest first, of a category, page by page", async () => {
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await made({ category: "action" })).id);
    const first = await api.get("/message-templates?category=action&limit=2");
    const more = await api.get(`/message-templates?category=action&limit=2&cursor=${first.body.nextCursor}`);
    const found = [...first.body.items, ...more.body.items].map(({ id }) => id);
    expect({ found, nextCursor: more.body.nextCursor }).toEqual({ found: ids, nextCursor: null });
  });
});

describe("messageTemplates.get", () => {
  test("200: with its ETag", async () => {
    const { id } = await made();
    const { headers, body } = await api.get(`/message-templates/${id}`);
    expect(body.id).toBe(id);
    expect((await api.get(`/message-templates/${id}`, { "if-none-match": `${headers.get("etag")}` })).status).toBe(304);
  });
});
