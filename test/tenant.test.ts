import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, inject, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { begin } from "./support/started.ts";

afterEach(cleanUp);
const owner = asOwner();

/** The server's user as a URL would name it. */
const url = () => {
  const { host, port, username, password, database } = inject("login") as unknown as Record<string, string>;
  return `postgres://${username}:${encodeURIComponent(password ?? "")}@localhost:${port}/${database}?host=${encodeURIComponent(host ?? "")}`;
};
const asked = (slug: string) => ({
  "--slug": slug,
  "--name": "Acme",
  "--name-ar": "أكمي",
  "--directory": "72f988bf-86f1-41af-91ab-2d7cd011db47",
  "--administrator": crypto.randomUUID(),
  "--administrator-name": "Sara Ahmed",
});
const run = async (words: Record<string, string>) => {
  const program = begin(scratchFolder(), "scripts/tenant.ts", { DATABASE_URL: url() }, Object.entries(words).flat());
  return { code: await program.end, said: program.said() };
};
const slugOf = () => `t${randomBytes(6).toString("hex")}`;

describe("npm run tenant", () => {
  test("makes an organisation that takes the directory's people, and its first administrator, on record", async () => {
    const slug = slugOf();
    const words = asked(slug);
    const made = await run(words);
    expect(made.said).toMatch(/^Made: organisation .*\nMade: Sara Ahmed \(per_[0-9a-z]{26}\), administrator/);
    expect(made.code).toBe(0);
    const [organisation] = await owner`select * from organisations where slug = ${slug}`;
    expect(organisation).toMatchObject({ name_en: "Acme", name_ar: "أكمي", time_zone: "Asia/Dubai" });
    const [person] = await owner`
      select p.*, r.role, r.source from people p join person_roles r on r.person_id = p.id where p.tenant_id = ${organisation?.id}`;
    expect(person).toMatchObject({
      oid: words["--administrator"],
      role: "admin",
      source: "granted",
      clearance: "secret",
    });
    expect(await owner`select tid, makes_people from directories where tenant_id = ${organisation?.id}`).toEqual([
      { tid: words["--directory"], makes_people: true },
    ]);
    const trail = await owner`select action, actor_id, changed from audit where tenant_id = ${organisation?.id}`;
    expect(trail).toMatchObject([{ action: "organisation.found", changed: true }]);
    expect(trail[0]?.actor_id).toMatch(/^operator:/);
  });

  test("run again, changes nothing and says so", async () => {
    const words = asked(slugOf());
    await run(words);
    const again = await run(words);
    expect([again.code, again.said]).toEqual([
      0,
      expect.stringMatching(/^There already: .*\nThere already: Sara Ahmed/),
    ]);
  });

  test("says in a sentence what is missing or wrong", async () => {
    const { "--administrator": _, ...without } = asked(slugOf());
    expect(await run(without)).toEqual({ code: 1, said: "Missing: --administrator. See: npm run tenant\n" });
    expect((await run({ ...asked("Not A Slug") })).said).toBe("--slug: must be 2 to 40 small letters, digits and -\n");
    expect((await run({})).said).toContain("npm run tenant -- --slug acme");
  });
});
