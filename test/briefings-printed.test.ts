import type { Server } from "@dais/api/server";
import { record } from "@dais/kernel/audit";
import { task } from "@dais/kernel/task";
import { read } from "@dais/markdown/read";
import { printable } from "@dais/modules/briefings/printable";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aSection, type BriefingRoom, briefingRoom } from "./support/briefings.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let room: BriefingRoom;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  room = await briefingRoom(server.url);
});

const printing = task({
  name: "briefings.test",
  action: "briefing.test",
  run: async (ctx, id: string) => {
    record(ctx, { resource: { type: "briefing", id: null }, changed: false });
    return printable(ctx, id);
  },
});
const printed = (id: string) =>
  server.kernel.perform(printing, { tenantId: room.here.tenantId, requestId: "request-of-the-test" }, id);

describe("what is printed of a briefing", () => {
  test("the content that was approved, by whom and when, and what its sources are", async () => {
    const signalId = await room.signal("internal");
    const sources = [{ signalId, confidence: 0.7, note: "Seen." }];
    const made = await room.approved({ sources, sections: [aSection("a", "# One\n\n<script>x</script>")] });
    const page = await printed(made.id);
    expect(page).toEqual({
      briefing: made,
      approval: {
        ...{ by: room.chief.id, at: made.approvedAt, contentSha256: made.contentSha256 },
        name: { en: "Basma", ar: null },
      },
      sources: [
        {
          ...sources[0],
          ...{ title: expect.any(String), severity: expect.any(String) },
          source: expect.any(String),
          occurredAt: expect.any(String),
        },
      ],
    });
    expect(read(page?.briefing.sections[0]?.body.en ?? "").map(({ type }) => type)).toEqual(["heading", "paragraph"]);
  });

  test("409 briefing_wrong_state, 404: what nobody has approved, or is revised; what isn't there", async () => {
    await expect(printed((await room.submitted()).id)).rejects.toMatchObject({ code: "briefing_wrong_state" });
    const made = await room.approved();
    await room.send(made, "revise", room.writes, { reason: "News came in." });
    await expect(printed(made.id)).rejects.toMatchObject({ code: "briefing_wrong_state" });
    const elsewhere = await (await briefingRoom(server.url)).approved();
    await expect(printed(elsewhere.id)).rejects.toMatchObject({ code: "briefing_not_found" });
  });
});
