import type { Server } from "@dais/api/server";
import { uuidOf } from "@dais/contracts/kit/ids";
import { moveEach, moveMany, type Own } from "@dais/kernel/machine-many";
import { Problem } from "@dais/kernel/problem";
import { task } from "@dais/kernel/task";
import { workflow } from "@dais/modules/signals/workflow";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let server: Server;
let here: Place;
let ids: string[];
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  here = await place();
  const api = restClient(server.url, await here.key());
  const items = ["One", "Two", "Three", "Four"].map((title) => aSignal({ title }));
  ids = (await api.post("/signals/batch", { items })).body.items.map(({ id }: { id: string }) => id);
  await api.post(`/signals/${ids[1]}/acknowledge`, { version: 1 });
});

type Each = { id: string; version?: number }[];
const said: { sent: number } = { sent: 0 };
const moving = task({
  name: "signals.test",
  action: "signal.test",
  quiet: true,
  run: async (ctx, { each, reason }: { each: Each; reason?: string }) => {
    let sent = 0;
    const send = (...it: Parameters<typeof ctx.send>) => {
      sent += 1;
      return ctx.send(...it);
    };
    const answers = await moveMany({ ...ctx, send }, workflow, each, "acknowledge", { reason });
    said.sent = sent;
    return answers.map((one) => (one instanceof Problem ? one.code : `${one.state} ${one.version}`));
  },
});
const sendTo = (each: Each) =>
  server.kernel.perform(moving, { tenantId: here.tenantId, requestId: "request-of-the-test" }, { each });
const states = async () =>
  (await asOwner()`select id, state, version from signals where tenant_id = ${here.tenantId}`).map(
    ({ id, state, version }) => [id, `${state} ${version}`] as const,
  );

describe("moveMany", () => {
  test("moves those that may, in two exchanges, and says of each other one why not, in the order asked for", async () => {
    const there = await place();
    const theirs = (await restClient(server.url, await there.key()).post("/signals", aSignal())).body.signal.id;
    const [one, two, three, four] = ids as [string, string, string, string];
    const each = [{ id: four }, { id: two }, { id: theirs }, { id: one, version: 1 }, { id: three, version: 7 }];
    expect(await sendTo(each)).toEqual([
      "acknowledged 2",
      "signal_wrong_state",
      "signal_not_found",
      "acknowledged 2",
      "signal_changed",
    ]);
    expect(said.sent).toBe(2);
    expect(Object.fromEntries(await states())).toEqual({
      [uuidOf(one)]: "acknowledged 2",
      [uuidOf(two)]: "acknowledged 2",
      [uuidOf(three)]: "new 1",
      [uuidOf(four)]: "acknowledged 2",
    });
    const trail = await asOwner()`select resource_id, from_state, to_state from audit
      where tenant_id = ${here.tenantId} and operation = 'signals.test' order by seq`;
    expect(trail.map((entry) => entry.resource_id)).toEqual([uuidOf(four), uuidOf(one)]);
    const told =
      await asOwner()`select name from outbox where tenant_id = ${here.tenantId} and name = 'signal.acknowledged'`;
    expect(told).toHaveLength(3);
  });

  test("two at once, in opposite orders: each thing moves once, and nobody waits for ever", async () => {
    const each = ids.map((id) => ({ id }));
    const answers = await Promise.all([sendTo(each), sendTo(each.toReversed())]);
    const moved = answers.flat().filter((answer) => answer === "acknowledged 2");
    expect(moved).toHaveLength(3);
    expect(answers.flat().filter((answer) => answer === "signal_wrong_state")).toHaveLength(5);
  });
});

describe("moveEach", () => {
  const ownMoves = task({
    name: "signals.test",
    action: "signal.test",
    quiet: true,
    run: async (ctx, { event, each }: { event: string; each: Own[] }) => {
      let sent = 0;
      const send = (...it: Parameters<typeof ctx.send>) => {
        sent += 1;
        return ctx.send(...it);
      };
      const moved = await moveEach({ ...ctx, send }, workflow, event, each);
      return { sent, states: moved.map(({ state }) => state) };
    },
  });
  const doing = (event: string, each: Own[]) =>
    server.kernel.perform(ownMoves, { tenantId: here.tenantId, requestId: "own-moves" }, { event, each });

  test("moves each for its own reason and with what is given for it, in one exchange, recorded and told one by one", async () => {
    const [one, two] = [ids[0], ids[2]].map((id) => uuidOf(id as string)) as [string, string];
    expect(await doing("acknowledge", [{ id: one, reason: "First." }, { id: two }])).toEqual({
      ...{ sent: 1, states: ["acknowledged", "acknowledged"] },
    });
    const until = ["2030-01-01T00:00:00.000Z", "2031-01-01T00:00:00.000Z"] as const;
    await doing("snooze", [
      { id: one, reason: "Not now.", given: { until: until[0] } },
      { id: two, reason: "Later.", given: { until: until[1] } },
    ]);
    const rows =
      await asOwner()`select state_reason, snoozed_until from signals where id in ${asOwner()([one, two])} order by snoozed_until`;
    expect(rows).toEqual([
      { state_reason: "Not now.", snoozed_until: new Date(until[0]) },
      { state_reason: "Later.", snoozed_until: new Date(until[1]) },
    ]);
    const trail = (await here.trail(one)).filter(({ request_id }) => request_id === "own-moves");
    expect(trail).toMatchObject([
      { event: "acknowledge", reason: "First.", from_state: "new", to_state: "acknowledged" },
      { event: "snooze", reason: "Not now." },
    ]);
  });

  test("one of them can't be moved: none is", async () => {
    const [one, moved] = [ids[0], ids[1]].map((id) => uuidOf(id as string)) as [string, string];
    const before = await states();
    await expect(doing("acknowledge", [{ id: one }, { id: moved }])).rejects.toThrow("moved others than were held");
    expect(await states()).toEqual(before);
  });
});
