import { beforeAll, describe, expect, inject, test } from "vitest";
import { aBriefing, aSection, type BriefingRoom, briefingRoom } from "./support/briefings.ts";
import { proxy, type Wire } from "./support/proxy.ts";
import type { Reply } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let wire: Wire;
let room: BriefingRoom;

beforeAll(async () => {
  const { host, port, ...rest } = inject("login");
  const where = host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  wire = await proxy(where, "application_name\0dais\0");
  const connection = { ...rest, host: wire.host, port: wire.port };
  const { url } = await startServer({ connection, env: { DATABASE_CONNECTIONS: "2" } });
  room = await briefingRoom(url);
});

/** Exchanges with Postgres of one call: the fewest of three, once its statements are prepared. */
async function counted(call: () => Promise<Reply>): Promise<number> {
  let fewest = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 5; n += 1) {
    wire.reset();
    expect((await call()).status).toBeLessThan(300);
    fewest = Math.min(fewest, wire.exchanges());
  }
  return fewest;
}

describe("exchanges with Postgres", () => {
  test("a read is one, whatever it reads", async () => {
    const { id } = await room.distributed();
    const paths = [
      "",
      "/today",
      `/${id}`,
      `/${id}/editions`,
      `/${id}/edition?edition=1`,
      `/${id}/comments`,
      `/${id}/recipients`,
    ];
    for (const path of paths) expect(await counted(() => room.writes.get(`/briefings${path}`)), path).toBe(1);
  });

  test("a move is two, one that looks at sources and audience three; a draft is two, and an edit three", async () => {
    const drafts = await Promise.all(Array.from({ length: 5 }, () => room.draft()));
    const [edited, submitted] = [[...drafts], [] as Reply["body"][]];
    const edit = async () => {
      const it = edited.pop() as Reply["body"];
      const said = { version: 1, sections: [aSection("a")] };
      return room.writes.patch(`/briefings/${it.id}`, said);
    };
    expect(await counted(edit)).toBe(3);
    const left = [...drafts];
    const submit = async () => {
      const answer = await room.send({ ...left.pop(), version: 2 }, "submit", room.writes);
      submitted.push(answer.body);
      return answer;
    };
    expect(await counted(submit)).toBe(3);
    const reason = "News came in.";
    expect(await counted(() => room.send(submitted.pop() as Reply["body"], "revise", room.writes, { reason }))).toBe(2);
    expect(await counted(() => room.writes.post("/briefings", aBriefing()))).toBe(2);
  });
});
