import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Flaw } from "@dais/verify/flaw";
import { readKeys } from "@dais/verify/keys";
import { checkTiles } from "@dais/verify/tiles";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifier } from "./support/proof/cli.ts";
import { acme, bytesOf, chance, entryOf, logOf, origin } from "./support/proof/log.ts";
import { growthOf, rootOf } from "./support/proof/naive.ts";
import { checkpointOf, checkpointText, signer } from "./support/proof/signer.ts";
import { writeTiles } from "./support/proof/tiles.ts";

const folder = mkdtempSync(join(tmpdir(), "dais-verify-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string | Buffer): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const witness = signer("witness.example/w1", "w1", 4);
const entries = Array.from({ length: 300 }, (_, n) => entryOf(n));
const log = logOf(entries, { cosigned: (text) => witness.cosigned(text, 1_795_251_900) });
const checkpoint = file("checkpoint.txt", log.checkpoint);

describe("verify BUNDLE", () => {
  const honest = file("bundle.json", bytesOf(log.bundle(14)));

  test("0: says who did what to which resource, when and why, and what let it through", async () => {
    const keys = file("keys.txt", `# of our auditors\n${acme.vkey}\n${witness.vkey}\n`);
    const { status, stdout } = await verifier([honest, "--key", keys, "--witnesses", "1"]);
    expect(status).toBe(0);
    const { facts, content } = entryOf(14);
    expect(stdout).toContain(`Proven: entry 14 of ${origin}`);
    for (const [label, text] of [
      ["when", "2026-11-21T09:00:14.123Z"],
      ["who", "agent agt_01jd7a, on behalf of usr_01jd1"],
      ["people", "usr_01jd1, usr_01jd2"],
      ["agent", "planner, version 4.1"],
      ["did", "signals.dismiss, which needs signal.dismiss"],
      ["outcome", "refused: permission_denied"],
      ["to", `signal ${facts.resourceId}, version 3`],
      ["why", "no reason was given"],
      ["let by", '{"permission":"signal.dismiss","delegation":"del_01"}'],
      ["from", content.address as string],
      ["seen", "by witness.example/w1 at 2026-11-21T09:05:00.000Z"],
    ] as const) {
      expect(stdout).toContain(`  ${label.padEnd(8)} ${text}\n`);
    }
  });

  test("0: shows what would steer a terminal or turn a line as what it is", async () => {
    const trick = entryOf(0);
    trick.content.reason = "fine\u001b[2J\u202e\u0007\nwho      root";
    const { status, stdout } = await verifier([
      file("trick.json", bytesOf(logOf([trick]).bundle(0))),
      "--key",
      acme.vkey,
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain("why      fine\\u{1b}[2J\\u{202e}\\u{7}\\u{a}who      root\n");
  });

  test("0: says that content is not shown, and what is left is proven", async () => {
    const erased = file("erased.json", bytesOf(log.bundle(0, { erased: true })));
    const { status, stdout } = await verifier([erased, "--key", acme.vkey]);
    expect([status, stdout]).toEqual([0, expect.stringContaining("content  not shown")]);
    expect(stdout).not.toContain("why");
    const json = await verifier([erased, "--key", acme.vkey, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      index: 0,
      contentShown: false,
      content: null,
      facts: entryOf(0).facts,
      checkpoint: {
        origin,
        size: 300,
        root: log.root.toString("base64"),
        signedBy: [acme.id],
        unknown: [`${witness.name}+${witness.id}`],
      },
    });
  });

  test("1: says what is wrong, in words and for programs", async () => {
    const bundle = log.bundle(14);
    const forged = file(
      "forged.json",
      bytesOf({ ...bundle, entry: { ...bundle.entry, facts: { ...bundle.entry.facts, actorId: "usr_x" } } }),
    );
    const { status, stdout } = await verifier([forged, "--key", acme.vkey]);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^NOT PROVEN: the entry is not in the log/)]);
    const json = await verifier([forged, "--key", acme.vkey, "--json"]);
    expect([json.status, JSON.parse(json.stdout)]).toEqual([
      1,
      { ok: false, flaw: expect.stringContaining("not in the log") },
    ]);
    expect((await verifier([honest, "--key", signer("other.example", "o").vkey])).status).toBe(1);
  });

  test("2: says how it is used, where it can't tell", async () => {
    const { vkey } = acme;
    const asked: [string[], RegExp][] = [
      [[], /no key|one thing/],
      [[honest], /no key is given/],
      [[honest, "--key", "not a key"], /can't be read/],
      [[honest, "--key", `${vkey}x`], /a key can't be read/],
      [[join(folder, "none.json"), "--key", vkey], /none.json can't be read/],
      [[honest, honest, "--key", vkey], /one thing at a time/],
      [[honest, "--key", vkey, "--what"], /Unknown option/],
      [[honest, "--key", vkey, "--witnesses", "1"], /can't be met/],
      [["--tiles", folder, "--key", vkey], /--checkpoint is missing/],
      [["--database", "mysql://x", "--tenant", "acme", "--checkpoint", checkpoint, "--key", vkey], /postgres:/],
      [
        ["--database", "postgres://x@127.0.0.1:1/x", "--tenant", "acme", "--checkpoint", checkpoint, "--key", vkey],
        /can't be read/,
      ],
      [["--tiles", "http://example.org", "--checkpoint", checkpoint, "--key", vkey], /over https/],
    ];
    const said = await Promise.all(asked.map(([args]) => verifier(args)));
    for (const [at, { status, stdout, stderr }] of said.entries()) {
      expect([status, stdout, stderr], `${asked[at]?.[0]}`).toEqual([
        2,
        "",
        expect.stringMatching(asked[at]?.[1] as RegExp),
      ]);
    }
  });
});

describe("verify --consistency", () => {
  const note = (size: number) => file(`${size}.txt`, checkpointOf(acme, size, rootOf(log.leaves.slice(0, size))));
  const proof = file(
    "growth.txt",
    growthOf(200, log.leaves)
      .map((hash) => `${hash.toString("base64")}\n`)
      .join(""),
  );
  const asked = (files: string[], by = proof) =>
    verifier(["--consistency", ...files, "--proof", by, "--key", acme.vkey]);

  test("0: the later log is the earlier one grown", async () => {
    expect(await asked([note(200), checkpoint])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("from 200 to 300 entries"),
    });
    const json = file("growth.json", JSON.stringify(growthOf(200, log.leaves).map((hash) => hash.toString("base64"))));
    expect((await asked([note(200), checkpoint], json)).status).toBe(0);
    const answer = { from: 200, to: 300, hashes: JSON.parse(readFileSync(json, "utf8")) };
    const said = file("answer.json", JSON.stringify(answer));
    expect((await asked([note(200), checkpoint], said)).status).toBe(0);
    expect((await asked([note(200), note(200)], file("none.txt", ""))).status).toBe(0);
  });

  test("1: another history, another log, the wrong way round, or another proof", async () => {
    const text = checkpointText(origin, 200, rootOf(log.leaves.slice(1, 201)));
    const fork = file("fork.txt", `${text}\n${acme.line(text)}`);
    expect(await asked([fork, checkpoint])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("history was rewritten"),
    });
    expect(await asked([checkpoint, note(200)])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("smaller log"),
    });
    expect((await asked([note(199), checkpoint])).status).toBe(1);
    expect((await asked([note(200), checkpoint], file("bad.txt", `${chance("x")}\n`))).status).toBe(1);
    const other = signer("dais.example.org/audit/other", "other");
    const held = ["--key", acme.vkey, "--key", other.vkey];
    const two = [
      "--consistency",
      file("other.txt", checkpointOf(other, 200, rootOf([]))),
      checkpoint,
      "--proof",
      proof,
      ...held,
    ];
    expect(await verifier(two)).toMatchObject({ status: 1, stdout: expect.stringContaining("of two logs") });
  });
});

describe("verify --tiles", () => {
  const tiles = join(folder, "tiles");
  let server: Server;
  let url: string;
  beforeAll(async () => {
    writeTiles(tiles, log.data, log.checkpoint);
    server = createServer((request, response) => {
      if (request.url?.startsWith("/moved")) return response.writeHead(302, { location: url }).end();
      try {
        response.end(readFileSync(join(tiles, decodeURIComponent(request.url ?? ""))));
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  const asked = (where: string) => verifier(["--tiles", where, "--checkpoint", checkpoint, "--key", acme.vkey]);

  test("0: a folder, or an address, holds the whole log", async () => {
    for (const where of [tiles, url, `${url}/`]) {
      expect(await asked(where)).toMatchObject({ status: 0, stdout: expect.stringContaining("hold the whole log") });
    }
  });

  test("0: also where a partial tile has become full since", async () => {
    const grown = join(folder, "grown");
    const more = Array.from({ length: 300 }, (_, n) => Buffer.alloc(64, n));
    writeTiles(grown, log.data, log.checkpoint);
    writeTiles(grown, [...log.data, ...more], log.checkpoint);
    for (const path of ["tile/entries/001.p", "tile/0/001.p"]) rmSync(join(grown, path), { recursive: true });
    expect((await asked(grown)).status).toBe(0);
  });

  test("1: any byte of any tile changed, one too much, or a tile missing", async () => {
    const paths = readdirSync(tiles, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.name !== "checkpoint",
    );
    expect(paths.map(({ name }) => name).sort()).toEqual(["000", "000", "1", "44", "44"]);
    const checked = () => checkTiles(tiles, log.checkpoint, readKeys([acme.vkey]));
    for (const [at, entry] of paths.entries()) {
      const path = join(entry.parentPath, entry.name);
      const honest = readFileSync(path);
      const bent = Buffer.from(honest);
      const place = (at * 7919) % bent.length;
      bent[place] = (bent[place] as number) ^ 4;
      for (const bytes of [bent, honest.subarray(0, -1), Buffer.concat([honest, Buffer.of(0)]), Buffer.alloc(20_000)]) {
        writeFileSync(path, bytes);
        await expect(checked(), `${path} ${bytes.length}`).rejects.toThrow(Flaw);
      }
      rmSync(path);
      if (at === 0) expect((await asked(tiles)).status).toBe(1);
      await expect(checked(), path).rejects.toThrow(/is missing/);
      writeFileSync(path, honest);
    }
  });

  test("2: an address that sends elsewhere, or can't be reached, tells nothing", async () => {
    expect((await asked(`${url}/moved`)).status).toBe(2);
    expect((await asked("https://127.0.0.1:1/")).status).toBe(2);
  });
});
