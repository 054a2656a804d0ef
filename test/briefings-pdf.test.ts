import { createHash } from "node:crypto";
import type { ProofBundle } from "@dais/contracts/audit";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { startJobs } from "@dais/jobs/start";
import type { Ctx } from "@dais/kernel/context";
import { Hopeless } from "@dais/kernel/jobs";
import { leaving, outside } from "@dais/kernel/outside";
import { background } from "@dais/modules";
import { ofFacts } from "@dais/modules/audit";
import { checkBundle } from "@dais/verify/bundle";
import { readKeys } from "@dais/verify/keys";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeAgent } from "./support/agents.ts";
import { aSection, type BriefingRoom, briefingRoom } from "./support/briefings.ts";
import { authorized } from "./support/credential.ts";
import { calling, rawMcp } from "./support/mcp.ts";
import { opened } from "./support/pdf/attached.ts";
import { type Reply, type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { sealingHome, silent } from "./support/sealing.ts";
import { startServer } from "./support/server.ts";

const home = await sealingHome();
const { url } = home.server;
const { connection } = home;
let room: BriefingRoom;
/** Whether the printer takes nothing, for good. */
let broken = false;
let key: string;
let api: RestClient;

beforeAll(async () => {
  const { kernel, app, print } = home.server;
  const sources = { now: () => new Date(), random: (n: number) => crypto.getRandomValues(new Uint8Array(n)) };
  const { jobs } = background({
    fetchFeed: async () => expect.fail("no feed is due"),
    print: (paper) => (broken ? Promise.reject(new Hopeless("unavailable")) : print(paper)),
  });
  const pace = { poll: 0.5, supervise: 1, cron: 1 };
  const started = await startJobs({ connection, kernel, app, jobs, schedules: [], sources, log: silent, pace });
  return () => started.stop(5);
});
beforeEach(async () => {
  room = await briefingRoom(url, Date.now, await home.place());
  key = await room.here.key();
  api = restClient(url, key);
});
afterAll(() => home.rest());

const refused = (status: number, code: string, more: object = {}) => ({ status, body: { code, ...more } });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const pathOf = ({ id }: Reply["body"], query = "") => `/briefings/${id}/pdf${query}`;
const marked = "?marked=true";

/** The document itself, by whoever's credential. */
async function fetched(path: string, { by = key, at = url } = {}) {
  const answer = await fetch(`${at}/v1${path}`, { headers: { ...authorized(by), accept: "application/pdf" } });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return {
    status: answer.status,
    disposition: answer.headers.get("content-disposition"),
    bytes,
    sha256: sha256(bytes),
  };
}

/** Waits until the approval is sealed and the briefing printed: answers with the entry of that. */
async function printed({ id, version }: Reply["body"]) {
  home.seal();
  const rows = () =>
    home.owner`select * from audit where tenant_id = ${room.here.tenantId} and action = 'briefing.print'
      and resource_id = ${uuidOf(id)} and resource_version = ${version}`;
  await expect.poll(rows, { timeout: 90_000, interval: 200 }).toHaveLength(1);
  await home.rest();
  // biome-ignore lint/suspicious/noExplicitAny: what is in it, the expectations say.
  return (await rows())[0] as Record<string, any>;
}

describe("briefings.pdf", () => {
  test("409 briefing_not_sealed before the approval is under a checkpoint, with Retry-After; then 200, with the proof inside", async () => {
    const signalId = (await api.post("/signals", aSignal({ classification: "internal" }))).body.signal.id;
    const made = await room.approved({ sources: [{ signalId, confidence: 0.7 }] });
    const early = await room.approves.get(pathOf(made));
    expect(early).toMatchObject(refused(409, "briefing_not_sealed"));
    expect(early.headers.get("retry-after")).toBe("2");

    const entry = await printed(made);
    const { status, body } = await api.get(pathOf(made));
    expect([status, body]).toMatchObject([200, { mediaType: "application/pdf" }]);
    const file = await fetched(pathOf(made));
    expect([file.status, file.sha256, file.bytes.byteLength]).toEqual([200, body.sha256, body.size]);

    const { files, text } = await opened(file.bytes);
    for (const said of ["Morning briefing", "Amal", "Basma", "70%"]) expect(text).toContain(said);
    const keys = readKeys([(await api.get("/audit/keys")).body.items[0].vkey]);
    const proven = checkBundle(Buffer.from(files["proof.json"] ?? ""), keys);
    expect(proven.facts).toMatchObject({ operation: "briefings.approve", resourceId: uuidOf(made.id) });
    expect(proven.content).toBeNull();
    expect(files["checkpoint.txt"]).toContain(`\n${proven.checkpoint.size}\n`);
    const { approval, checkpoint } = entry.decision;
    expect(text.replace(/\s/g, "")).toContain(`http://dais.test/v1/audit/${approval}/proof?size=${checkpoint}`);
    // The whole entry is for those who may read the log; whoever has the paper learns neither address nor session of who approved.
    const whole = (await api.get(`/audit/${approval}/proof?size=${checkpoint}`)).body;
    const { decision, address, sessionId } = whole.entry.content;
    expect(decision).toMatchObject({ contentSha256: made.contentSha256 });
    expect([address, sessionId]).toEqual([expect.any(String), expect.any(String)]);
    for (const file of Object.values(files)) for (const told of [address, sessionId]) expect(file).not.toContain(told);
    expect(JSON.parse(files["proof.json"] ?? "")).toEqual(ofFacts(whole as ProofBundle));

    expect(entry).toMatchObject({ actor_kind: "system", on_behalf_of: room.chief.id });
    expect([entry.decision.sha256.both, checkpoint]).toEqual([body.sha256, proven.checkpoint.size]);
    const { tenantId } = room.here;
    const told =
      await home.owner`select payload from outbox where tenant_id = ${tenantId} and name = 'briefing.printed'`;
    expect(told.map(({ payload }) => payload)).toEqual([{ id: made.id, sha256: entry.decision.sha256 }]);
  });

  test("200: it names who submitted and approved, an agent as well, and in Arabic who has an Arabic name", async () => {
    const { here, author, chief, reader, done, send } = room;
    await home.owner`update people set name_ar = 'بسمة' where id = ${chief.uuid}`;
    const permissions = ["briefing.create", "briefing.submit"];
    const id = await makeAgent(home.owner, here.tenantId, new Date(), { ownerId: author.uuid, permissions });
    const agent = restClient(url, await here.key({ permissions, agent: { id } }));
    const submitted = done(await send(await room.draft({}, agent), "submit", agent));
    expect(submitted).toMatchObject({ submittedBy: id, audience: { personIds: [reader.id] } });
    const made = done(await send(submitted, "approve", room.approves));
    await printed(made);
    const [paper] = await home.owner`select document -> 'approval' as its from briefing_papers
      where tenant_id = ${here.tenantId} and briefing_id = ${uuidOf(made.id)}`;
    expect(paper?.its).toMatchObject({
      submittedBy: { en: "Test agent", ar: null },
      by: { en: "Basma", ar: "بسمة" },
    });
    const said = async (languages: string) =>
      (await opened((await fetched(pathOf(made, `?languages=${languages}`))).bytes)).text.replace(/\s/g, "");
    const [en, ar] = [await said("en"), await said("ar")];
    for (const text of [en, ar]) expect(text).toContain("Testagent");
    for (const text of [en, ar]) expect(text).not.toContain(id);
    expect([en.includes("Basma"), ar.includes("Basma"), ar.includes("بسمة")]).toEqual([true, false, true]);
  });

  test("200: the same file on all faces, by its digest; in each language its own, which is on record", async () => {
    const made = await room.approved();
    const { decision } = await printed(made);
    const input = { id: made.id, languages: "ar" };
    const rpc = await fetch(`${url}/trpc/briefings.pdf?input=${encodeURIComponent(JSON.stringify(input))}`, {
      headers: authorized(key) as Record<string, string>,
    });
    const mcp = await rawMcp(url)(calling("briefings_pdf", input), {
      headers: authorized(key) as Record<string, string>,
    });
    const rest = await api.get(pathOf(made, "?languages=ar"));
    const seen = [((await rpc.json()) as Reply["body"]).result.data, mcp.body.result.structuredContent, rest.body];
    expect(seen.map((one) => one.sha256)).toEqual(Array(3).fill(decision.sha256.ar));
    for (const languages of ["en", "ar", "both"])
      expect((await fetched(pathOf(made, `?languages=${languages}`))).sha256).toBe(decision.sha256[languages]);
    expect(new Set(Object.values(decision.sha256)).size).toBe(3);
  });

  test("200: a marked copy says whose it is, is always on record, and is the same bytes from two servers", async () => {
    const made = await room.distributed();
    await printed({ id: made.id, version: made.version - 1 });
    const by = await room.reader.session();
    const other = await startServer({ connection });
    const [one, two] = [
      await fetched(pathOf(made, marked), { by }),
      await fetched(pathOf(made, marked), { by, at: other.url }),
    ];
    expect([one.status, two.sha256]).toEqual([200, one.sha256]);
    const { text, pages } = await opened(one.bytes);
    expect(text.match(/Ziad · [0-9A-F]{4}-[0-9A-F]{4}/g)?.length).toBeGreaterThanOrEqual(pages - 1);
    const theirs = await fetched(pathOf(made, marked), { by: await room.chief.session() });
    expect(new Set([one.sha256, theirs.sha256, (await fetched(pathOf(made), { by })).sha256]).size).toBe(3);
    await Promise.all([home.server.kernel.settle(), other.kernel.settle()]);
    const { tenantId } = room.here;
    const reads = await home.owner`select actor_id, resource_id, decision from audit
      where tenant_id = ${tenantId} and outcome = 'read' and operation = 'briefings.pdf' order by seq`;
    expect(reads.map((read) => [read.actor_id, read.resource_id, read.decision.read.sha256])).toEqual([
      ...Array(2).fill([room.reader.id, uuidOf(made.id), one.sha256]),
      [room.chief.id, uuidOf(made.id), theirs.sha256],
    ]);
  });

  test("409 briefing_wrong_state: what nobody has approved; what was revised or withdrawn since", async () => {
    const state = refused(409, "briefing_wrong_state");
    expect(await api.get(pathOf(await room.draft()))).toMatchObject(state);
    expect(await api.get(pathOf(await room.submitted()))).toMatchObject(state);
    const made = await room.distributed();
    await printed({ id: made.id, version: made.version - 1 });
    expect(await room.send(made, "withdraw", room.writes, { reason: "A test." })).toMatchObject({ status: 200 });
    expect(await api.get(pathOf(made))).toMatchObject(state);
  });

  test("409 briefing_not_sealed: a revised one that is approved again has another proof, and the old paper counts no more", async () => {
    const made = await room.approved();
    const first = await printed(made);
    const back = room.done(await room.send(made, "revise", room.writes, { reason: "News came in." }));
    expect(await api.get(pathOf(made))).toMatchObject(refused(409, "briefing_wrong_state"));
    const anew = room.done(
      await room.send(room.done(await room.send(back, "submit", room.writes)), "approve", room.approves),
    );
    expect(await api.get(pathOf(made))).toMatchObject(refused(409, "briefing_not_sealed"));
    const second = await printed(anew);
    expect(second.decision.approval).not.toBe(first.decision.approval);
    expect((await api.get(pathOf(made))).body.sha256).toBe(second.decision.sha256.both);
  });

  describe("whose job has failed for good", () => {
    beforeEach(() => {
      broken = true;
      return () => {
        broken = false;
      };
    });
    const failed = async () => {
      const made = await room.distributed();
      home.seal();
      const rows = () => home.owner`select id, state from jobs where tenant_id = ${room.here.tenantId}`;
      await expect.poll(rows, { timeout: 60_000 }).toMatchObject([{ state: "failed" }]);
      await home.rest();
      broken = false;
      return { made, jobId: idOf("job", (await rows())[0]?.id) };
    };

    test("409 briefing_paper_failed: names the job, also to its readers; who may retry jobs has it printed after all", async () => {
      const { made, jobId } = await failed();
      for (const by of [room.approves, room.reads, api]) {
        const answer = await by.get(pathOf(made));
        expect(answer).toMatchObject(refused(409, "briefing_paper_failed", { jobId }));
        expect(answer.headers.get("retry-after")).toBeNull();
      }
      expect(await api.get(pathOf(made, marked))).toMatchObject(refused(409, "briefing_paper_failed", { jobId }));
      expect((await room.reads.get(`/jobs/${jobId}`)).status).toBe(403);
      expect((await api.get(`/jobs/${jobId}`)).body).toMatchObject({ name: "briefings.print", state: "failed" });
      broken = true;
      expect((await api.post(`/jobs/${jobId}/retry`, {})).status).toBe(202);
      await expect.poll(async () => (await api.get(`/jobs/${jobId}`)).body.state, { timeout: 60_000 }).toBe("failed");
      broken = false;
      expect((await api.post(`/jobs/${jobId}/retry`, {})).status).toBe(202);
      await printed({ id: made.id, version: made.version - 1 });
      expect((await room.reads.get(pathOf(made))).status).toBe(200);
    });

    test("409 briefing_not_sealed: once it is retried, until it is printed", async () => {
      const { made, jobId } = await failed();
      const waiting = async () => {
        await home.owner`update jobs set state = 'waiting', start_after = now() + interval '1 hour', run = gen_random_uuid() where id = ${uuidOf(jobId)}`;
        return api.get(pathOf(made));
      };
      expect(await waiting()).toMatchObject(refused(409, "briefing_not_sealed"));
    });

    test("409 briefing_paper_failed: of a job that was given up there is none; one that is made anew is printed", async () => {
      const { made, jobId } = await failed();
      expect((await api.post(`/jobs/${jobId}/drop`, { reason: "A test." })).status).toBe(200);
      expect(await api.get(pathOf(made))).toMatchObject(refused(409, "briefing_paper_failed", { jobId: null }));
      expect(await room.send(made, "withdraw", room.writes, { reason: "No paper." })).toMatchObject({ status: 200 });
      const anew = await room.approved();
      await printed(anew);
      expect((await api.get(pathOf(anew))).status).toBe(200);
    });

    test("409 briefing_paper_failed: one that is approved is revised and approved again, and printed", async () => {
      const made = await room.approved();
      home.seal();
      const state = () => home.owner`select state from jobs where tenant_id = ${room.here.tenantId} order by id`;
      await expect.poll(state, { timeout: 60_000 }).toEqual([{ state: "failed" }]);
      await home.rest();
      broken = false;
      expect(await api.get(pathOf(made))).toMatchObject(refused(409, "briefing_paper_failed"));
      const back = room.done(await room.send(made, "revise", room.writes, { reason: "No paper." }));
      const again = room.done(await room.send(back, "submit", room.writes));
      const anew = room.done(await room.send(again, "approve", room.approves));
      expect(await api.get(pathOf(made))).toMatchObject(refused(409, "briefing_not_sealed"));
      await printed(anew);
      expect((await api.get(pathOf(made))).status).toBe(200);
    });
  });

  test("nothing is printed of what was revised before its approval was sealed", async () => {
    const made = await room.approved();
    await room.send(made, "revise", room.writes, { reason: "News came in." });
    const { tenantId } = room.here;
    await expect
      .poll(() => home.owner`select state from jobs where tenant_id = ${tenantId}`, { timeout: 60_000 })
      .toEqual([{ state: "done" }]);
    expect(await home.owner`select 1 from briefing_papers where tenant_id = ${tenantId}`).toHaveLength(0);
  });

  test("404: another organisation's; above the caller's clearance; not distributed to who may not read all", async () => {
    const made = await room.approved({ classification: "secret", audience: { personIds: [room.chief.id] } });
    const gone = refused(404, "briefing_not_found");
    const low = await room.here.key({ clearance: "internal" });
    expect(await api.as(low).get(pathOf(made))).toMatchObject(gone);
    expect(await room.reads.get(pathOf(made, marked))).toMatchObject(gone);
    expect(await api.as(await (await home.place()).key()).get(pathOf(made))).toMatchObject(gone);
  });

  test("200: any title makes a safe name for the file", async () => {
    const made = await room.approved({ title: { en: '../a/b "c"; filename=x.exe\u202efdp', ar: null } });
    await printed(made);
    const { status, disposition } = await fetched(pathOf(made));
    expect([status, disposition]).toEqual([200, expect.stringMatching(/^attachment; filename="[\w .;=()-]+\.pdf"/)]);
    expect(decodeURIComponent(disposition ?? "")).not.toMatch(/[\u202e/\\]/);
  });

  test("422 briefing_too_long: what would have too many pages, with the limits", { timeout: 300_000 }, async () => {
    const made = await room.approved({ sections: [aSection("a", "a\n\n".repeat(16_000), null)] });
    await printed(made);
    const long = refused(422, "briefing_too_long", { pages: 200, characters: 2_000_000 });
    expect(await api.get(pathOf(made))).toMatchObject(long);
    expect(await api.get(pathOf(made, marked))).toMatchObject(long);
  });

  test("503 unavailable: whose thread dies in the middle; the next one is printed, and nobody waits for a connection meanwhile", {
    timeout: 300_000,
  }, async () => {
    const heavy = await room.approved({
      sections: [aSection("a", `| a | b |\n| - | - |\n${"| x | y |\n".repeat(4_500)}`, null)],
    });
    const light = await room.approved({ day: "2099-01-01" });
    await printed(heavy);
    await printed(light);
    const env = { DATABASE_CONNECTIONS: "2" };
    const small = await startServer({ connection, env, printing: { memoryMb: 40, threads: 1 } });
    const order: string[] = [];
    const noting = (name: string) => (): void => void order.push(name);
    const copy = () => fetched(pathOf(heavy, marked), { at: small.url });
    const dying = Promise.all([copy(), copy()]);
    void dying.then(noting("pdf"));
    await expect.poll(() => small.kernel.inFlight(), { timeout: 60_000 }).toBe(2);
    await restClient(small.url, key).get("/briefings").then(noting("list"));
    expect((await dying).map(({ status }) => status)).toEqual([503, 503]);
    expect(order).toEqual(["list", "pdf"]);
    expect((await fetched(pathOf(light, marked), { at: small.url })).status).toBe(200);
  });
});

describe("outside", () => {
  test("who has left the database is refused by it", async () => {
    const ctx = { operation: { path: "things.get" }, send: async () => [], db: {} } as unknown as Ctx;
    const gone = leaving(ctx);
    expect(await ctx.send("select 1", [])).toEqual([]);
    expect(await outside(ctx, async () => 1)).toBe(1);
    expect(await gone).toBe(true);
    expect(() => ctx.send("select 1", [])).toThrow(/left/);
    expect(() => ctx.db).toThrow(/left/);
  });
});
