/**
 * Walks through signing in and stepping up in a real browser, against a running server with the demo, and keeps a picture of each page:
 * `npm run look -- --url http://localhost:3000 --to pictures`. Needs Debian's chromium, or the one that CHROMIUM names.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://localhost:3000" },
    to: { type: "string", default: "pictures" },
    who: { type: "string", default: "Daniel Mathew" },
  },
});
const { url, to, who } = values;
mkdirSync(to, { recursive: true });

const browser = await launched();
try {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
  const page = await context.newPage();
  let number = 0;
  const seen = async (name: string, at: Page = page) => {
    number += 1;
    await at.screenshot({ path: join(to, `${number}-${name}.png`), fullPage: true });
    process.stdout.write(`${number}. ${name}: ${new URL(at.url()).pathname} "${await at.title()}"\n`);
  };

  await page.goto(url);
  await seen("front");
  await page.goto(`${url}/auth/sign-in?returnTo=/session`);
  await seen("who-signs-in");
  await page.getByRole("button", { name: who }).click();
  await page.waitForURL(`${url}/session`);
  await seen("session");

  // Our pages may ask nobody for anything; a bare answer of the API has no such rule.
  const bare = await context.newPage();
  await bare.goto(`${url}/v1/me`);
  const refused = await bare.evaluate(async () => {
    type Person = { id: string; version: number; clearance: string };
    const me = (await (await fetch("/v1/me")).json()) as { person: Person };
    const people = (await (await fetch("/v1/people?limit=100")).json()) as { items: Person[] };
    const other = people.items.find(({ id }) => id !== me.person.id) as Person;
    const path = `/v1/people/${other.id}/set-clearance`;
    const body = JSON.stringify({ version: other.version, clearance: other.clearance });
    const send = () => fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
    const answer = await send();
    return {
      status: answer.status,
      challenge: answer.headers.get("www-authenticate"),
      ...((await answer.json()) as { code: string }),
    };
  });
  await bare.close();
  process.stdout.write(`   a sensitive change: ${refused.status} ${refused.code}\n   ${refused.challenge}\n`);

  await page.getByRole("link", { name: "Prove a second factor" }).click();
  await page.getByRole("button", { name: who }).click();
  await seen("second-factor");
  await page.getByRole("button", { name: "Approve" }).first().click();
  await page.waitForURL(`${url}/session`);
  await seen("session-proven");
  await page.setViewportSize({ width: 390, height: 780 });
  await seen("session-on-a-phone");
  await page.setViewportSize({ width: 1100, height: 800 });
  await page.getByRole("link", { name: "Sign out" }).click();
  await seen("sign-out");
  await page.getByRole("button").first().click();
  await page.waitForURL(`${url}/auth/signed-out**`);
  await seen("signed-out");
} finally {
  await browser.close();
}

async function launched(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
}
