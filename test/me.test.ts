import type { Server } from "@dais/api/server";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let here: Place;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  here = await place();
});
const as = (credential: string | null) => restClient(server.url, credential);

describe("me.get", () => {
  test("200: a person, with what the roles allow, inherited ones included, and the session", async () => {
    const person = await here.person({ roles: ["operational", "approver"], clearance: "internal", name: "Layla" });
    const before = Date.now();
    const { body } = await as(await person.session({ proven: true })).get("/me");
    expect(body).toMatchObject({
      actor: { id: person.id, kind: "user", name: { en: "Layla", ar: null } },
      person: {
        id: person.id,
        clearance: "internal",
        roles: [
          { role: "approver", source: "granted" },
          { role: "operational", source: "granted" },
        ],
      },
      roles: ["approver", "executive", "operational"],
      clearance: "internal",
      tenant: { slug: here.slug, timeZone: "Asia/Dubai", languages: ["en", "ar"] },
      session: { id: expect.stringMatching(/^ses_/) },
    });
    expect(body.permissions).toEqual(expect.arrayContaining(["signal.acknowledge", "signal.read"]));
    expect(body.permissions).not.toContain("person.update");
    expect(Date.parse(body.session.provenAt)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(body.session.endsAt)).toBeGreaterThan(before);
  });

  test("200: a person without roles, who may still ask", async () => {
    const person = await here.person({ roles: [] });
    const { body } = await as(await person.session()).get("/me");
    expect(body).toMatchObject({ roles: [], permissions: [], session: { provenAt: null } });
  });

  test("200: a key has a name, permissions, and neither person nor session", async () => {
    const { body } = await as(await here.key({ permissions: ["signal.read"], kind: "agent" })).get("/me");
    expect(body).toMatchObject({
      actor: { id: expect.stringMatching(/^key_/), kind: "agent", name: { en: "test", ar: null } },
      person: null,
      roles: [],
      permissions: ["signal.read"],
      clearance: "secret",
      session: null,
    });
  });

  test("401: nobody", async () => {
    expect((await as(null).get("/me")).status).toBe(401);
  });
});

describe("me.update", () => {
  const me = async (options = {}) => {
    const person = await here.person(options);
    return { person, api: as(await person.session()) };
  };

  test("200: one's own language, time zone and telephone, without any permission, on record and told", async () => {
    const { person, api } = await me({ roles: [] });
    const said = { language: "ar", timeZone: "Asia/Riyadh", phone: "+971501234567" };
    const { body } = await api.patch("/me", { version: 1, ...said });
    expect(body).toMatchObject({ id: person.id, ...said, version: 2 });
    expect((await api.get("/me")).body.person).toEqual(body);
    expect(await here.trail(person.uuid)).toMatchObject([
      {
        operation: "me.update",
        actor_id: person.id,
        changes: { language: [null, "ar"], timeZone: [null, "Asia/Riyadh"], phone: [null, "+971501234567"] },
      },
    ]);
    const events = await asOwner()`select name, payload from outbox where tenant_id = ${here.tenantId}`;
    expect(events).toMatchObject([{ name: "person.updated", payload: { id: person.id } }]);
  });

  test("200: what is absent stays, null clears, and what changes nothing keeps the version", async () => {
    const { person, api } = await me();
    await api.patch("/me", { version: 1, language: "ar", phone: "+971501234567" });
    const cleared = (await api.patch("/me", { version: 2, phone: null })).body;
    expect(cleared).toMatchObject({ language: "ar", phone: null, version: 3 });
    expect((await api.patch("/me", { version: 3, language: "ar" })).body).toEqual(cleared);
    expect((await here.trail(person.uuid)).map((entry) => entry.changed)).toEqual([true, true, false]);
  });

  test("403 me_person_only: a key has none of these", async () => {
    const answer = await as(await here.key()).patch("/me", { version: 1, language: "ar" });
    expect(answer).toMatchObject({ status: 403, body: { code: "me_person_only" } });
  });

  test("412 me_changed: somebody changed the person meanwhile", async () => {
    const { api } = await me();
    await api.patch("/me", { version: 1, language: "ar" });
    expect(await api.patch("/me", { version: 1, language: "en" })).toMatchObject({
      status: 412,
      body: { code: "me_changed", version: 2 },
    });
  });

  test("422 me_phone_invalid: the form is right, and yet no country has such numbers", async () => {
    const { api } = await me();
    for (const phone of ["+9715", "+97150123456", "+999123456789", "+9715012345678"]) {
      const answer = await api.patch("/me", { version: 1, phone });
      expect([400, 422], phone).toContain(answer.status);
      if (answer.status === 422) expect(answer.body.code).toBe("me_phone_invalid");
    }
    expect((await api.patch("/me", { version: 1, phone: "+97150123456" })).status).toBe(422);
  });

  test("400: neither access nor name are one's own to change", async () => {
    const { api } = await me();
    for (const field of ["clearance", "roles", "name", "nameAr", "email", "entityId", "managerId"]) {
      expect(await api.patch("/me", { version: 1, [field]: "x" })).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: `/body/${field}`, code: "unknown_field" }] },
      });
    }
  });
});
