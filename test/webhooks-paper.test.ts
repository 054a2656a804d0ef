import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { freePort } from "@dais/local/port";
import { afterEach, expect, test } from "vitest";
import { cleanUp, program } from "./support/programs.ts";
import { heard, webhooksHome } from "./support/webhooks-home.ts";

afterEach(cleanUp);

test("the receiver of docs/webhooks.md takes what is signed, each once, and refuses the rest", async () => {
  const home = await webhooksHome();
  const { api } = await home.at();
  const port = await freePort(41_000);
  const url = `http://localhost:${port}/`;
  const { id, secret } = await heard(api, url, { types: ["signal.ingested"] });
  const paper = readFileSync(resolve(import.meta.dirname, "../docs/webhooks.md"), "utf8");
  const [, code = ""] = /^```ts receiver\n(.*?)^```$/ms.exec(paper) ?? [];
  const child = program(
    `Object.assign(process.env, { WEBHOOK_SECRET: ${JSON.stringify(secret)}, PORT: "${port}" });\n${code}`,
  );
  const unsigned = () =>
    fetch(url, { method: "POST", body: "{}" }).then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(unsigned, { timeout: 20_000 }).toBe(401);
  await home.send();
  const { deliveryId } = (await api.post(`/webhooks/${id}/test`, {})).body;
  const state = async () => (await api.get(`/webhook-deliveries/${deliveryId}`)).body;
  await expect.poll(state, { timeout: 20_000 }).toMatchObject({ state: "delivered", attempts: [{ status: 204 }] });
  await api.post(`/webhook-deliveries/${deliveryId}/redeliver`, {});
  await expect.poll(state, { timeout: 20_000 }).toMatchObject({ state: "delivered", attempts: [{}, { status: 204 }] });
  await api.post(`/webhooks/${id}/test`, {});
  expect([await child.line(), await child.line()]).toEqual(["webhook.tested", "webhook.tested"]);
});
