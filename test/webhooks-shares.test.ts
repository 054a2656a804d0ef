import type { ServerResponse } from "node:http";
import { uuidOf } from "@dais/contracts/kit/ids";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { happens } from "./support/events.ts";
import { posting, reaches } from "./support/webhooks.ts";
import { heard, type WebhooksHome, webhooksHome } from "./support/webhooks-home.ts";

let home: WebhooksHome;
beforeAll(async () => {
  home = await webhooksHome();
});
afterEach(async () => {
  home.outside.cut();
  await home.rest();
  await home.owner`update webhook_deliveries set state = 'silenced', next_at = null where state = 'waiting'`;
});

/** An organisation with so many webhooks whose receivers take their time: each answers when the test lets it. */
async function slow(count: number) {
  const { here, api } = await home.at();
  const held: ServerResponse[] = [];
  const receivers = Array.from({ length: count }, () => home.outside.at((response) => held.push(response)));
  const ids: string[] = [];
  for (const { url } of receivers) ids.push(uuidOf((await heard(api, url, { types: ["signal.ingested"] })).id));
  return {
    here,
    ids,
    got: () => receivers.flatMap((one) => one.got()),
    /** Has one of them answered, and nothing more. */
    answer: () => held.shift()?.writeHead(204).end(),
  };
}

/** What hangs is not cut before the test is over. */
const send = (most: object) => home.send({ most, post: posting({ timeoutMs: 60_000 }) });

describe("an organisation with very many slow webhooks", () => {
  test("has all places while nobody else waits; another's event finds room beyond at once", async () => {
    const many = await slow(6);
    const other = await slow(3);
    await send({ sound: 4, failing: 1, spare: 2, few: 2 });
    await happens(home.server, many.here, { times: 3 });
    await reaches(many.got, 4);
    await happens(home.server, other.here);
    await reaches(other.got, 2);
    // No more than few of one's own are taken into what is spare, nor anything of who has more.
    expect([many.got().length, other.got().length]).toEqual([4, 2]);
  });

  test("leaves the next place that is free to who has fewer, however much of its own has waited for longer", async () => {
    const many = await slow(8);
    const other = await slow(8);
    await send({ sound: 4, failing: 1, spare: 0, few: 1 });
    await happens(home.server, many.here, { times: 3 });
    await reaches(many.got, 4);
    await happens(home.server, other.here, { times: 3 });
    await expect.poll(() => due(other.ids)).toBe(24);
    for (const count of [1, 2]) {
      many.answer();
      await reaches(other.got, count);
    }
    // Each has two under way now, and gets back what it gives.
    expect([many.got().length, other.got().length]).toEqual([4, 2]);
    for (const [one, count] of [
      [many, 5],
      [other, 3],
      [many, 6],
      [other, 4],
    ] as const) {
      one.answer();
      await reaches(one.got, count);
    }
    expect([many.got().length, other.got().length]).toEqual([6, 4]);
  });

  test("of those that fail as well: the next place is another's", async () => {
    const many = await slow(4);
    const other = await slow(2);
    await home.owner`update webhooks set failures = 3, failing_since = now() where id = any (${[...many.ids, ...other.ids]})`;
    await send({ sound: 1, failing: 2, spare: 0, few: 1 });
    await happens(home.server, many.here);
    await reaches(many.got, 2);
    await happens(home.server, other.here);
    await expect.poll(() => due(other.ids)).toBe(2);
    many.answer();
    await reaches(other.got, 1);
    expect(many.got()).toHaveLength(2);
  });

  test("gets a share, and its replays don't stand before another's live events, nor wait for ever behind them", async () => {
    const many = await slow(4);
    const other = await slow(2);
    await send({ sound: 0, failing: 1, spare: 0, few: 1 });
    await happens(home.server, many.here);
    await happens(home.server, other.here);
    await expect.poll(() => due([...many.ids, ...other.ids])).toBe(6);
    await home.owner`update webhook_deliveries set bulk = true where webhook_id = any (${other.ids})`;
    await home.rest();
    await send({ sound: 3, failing: 1, spare: 0, few: 1 });
    await reaches(() => [...many.got(), ...other.got()], 3);
    // One each; the third is live.
    expect([many.got().length, other.got().length]).toEqual([2, 1]);
  });
});

const due = async (ids: string[]) =>
  (await home.owner`select 1 from webhook_deliveries where webhook_id = any (${ids}) and state = 'waiting'`).length;
