import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { operations } from "@dais/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { place } from "./support/place.ts";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { startServer } from "./support/server.ts";

const root = resolve(import.meta.dirname, "..");
const run = async (folder: string, command: string, ...args: string[]) =>
  (await promisify(execFile)(command, args, { cwd: folder })).stdout;
/** Builds as `npm run client` does; a process of its own, because a compiler is a heavy guest. */
const built = (client: string, to: string) =>
  run(client, process.execPath, "-e", `import("${client}/build.ts").then((one) => one.build("${to}"))`);

/** A project with nothing in it but the package, unpacked, what it depends on, and one program. */
async function project(folder: string, pack: string): Promise<string> {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@dais"), { recursive: true });
  await run(modules, "tar", "-xzf", pack, "-C", join(modules, "@dais"));
  await run(modules, "mv", "@dais/package", "@dais/client");
  for (const name of Object.keys(json(join(modules, "@dais/client/package.json")).dependencies))
    cpSync(realpathSync(join(root, "packages/client/node_modules", name)), join(modules, name), { recursive: true });
  cpSync(join(root, "test/support/portal/portal.ts"), join(folder, "portal.ts"));
  writeFileSync(join(folder, "node.d.ts"), "declare const process: { argv: string[] };\n");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}
const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));

type Compiler = { module: string; moduleResolution: string; skipLibCheck?: boolean };
async function compile(folder: string, compiler: Compiler): Promise<Record<string, number>> {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2024", "esnext.disposable", "dom"],
    strict: true,
    noEmit: true,
    types: [],
    ...compiler,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  const said = await run(folder, join(root, "node_modules/.bin/tsc"), "--extendedDiagnostics");
  return Object.fromEntries([...said.matchAll(/^(\w+).*?:\s+(\d+)/gm)].map(([, name, value]) => [name, Number(value)]));
}

const packed = async (folder: string, to: string) => {
  const said = JSON.parse(await run(folder, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", to));
  // npm 12 answers with an object by name, older ones with a list.
  const [one] = Object.values(said) as { filename: string; files: { path: string }[] }[];
  return { file: join(to, one?.filename ?? ""), files: (one?.files ?? []).map(({ path }) => path) };
};

const bundler = { module: "preserve", moduleResolution: "bundler", skipLibCheck: true };
const nodenext = { module: "nodenext", moduleResolution: "nodenext" };

describe("the package", () => {
  let scratch: string;
  let pack: Awaited<ReturnType<typeof packed>>;
  beforeAll(async () => {
    scratch = scratchFolder();
    await built(join(root, "packages/client"), join(scratch, "dist"));
    pack = await packed(join(scratch, "dist"), scratch);
  });
  afterAll(cleanUp);

  test("has one file of JavaScript and one of types, and nothing of ours besides", () => {
    expect(pack.files.toSorted()).toEqual(["README.md", "index.d.ts", "index.js", "package.json"]);
    const manifest = json(join(scratch, "dist/package.json"));
    expect(manifest.private).toBeUndefined();
    expect(Object.keys(manifest.dependencies)).toEqual(["@trpc/client", "@trpc/server"]);
    for (const file of ["index.js", "index.d.ts"])
      expect(readFileSync(join(scratch, "dist", file), "utf8"), file).not.toMatch(/from ["'](@dais|zod|\.)/);
  });

  test("is all that an empty project needs: it type-checks, as Node resolves and as bundlers do, and runs", async () => {
    const folder = await project(join(scratch, "empty"), pack.file);
    await compile(folder, bundler);
    await compile(folder, nodenext);
    const { url } = await startServer();
    const key = await (await place()).key();
    const said = JSON.parse(await run(folder, process.execPath, "portal.ts", url, key));
    expect(said).toMatchObject({ name: "Test", listed: [said.id], acknowledged: "acknowledged", late: "too late" });
  });

  test("costs a portal less than 6 000 types, also with 150 operations", async () => {
    const folder = await project(join(scratch, "large"), pack.file);
    const types = join(folder, "node_modules/@dais/client/index.d.ts");
    const times = Math.ceil(150 / operations.size);
    writeFileSync(types, repeated(readFileSync(types, "utf8"), times));
    writeFileSync(
      join(folder, "many.ts"),
      'import { createClient } from "@dais/client";\n' +
        `export const one = createClient({ url: "" }).signals${times > 1 ? times : ""}.acknowledge.mutate({ id: "", version: 1 });\n`,
    );
    const { Types, Instantiations, Memory } = await compile(folder, bundler);
    if (process.env.TYPES_SHOW) console.log({ Types, Instantiations, Memory });
    expect(Types).toBeGreaterThan(1000);
    expect(Types).toBeLessThan(6000);
  });
});

/** The package's types with every capability in them so many times, each under a name and with problems of its own. */
function repeated(types: string, times: number): string {
  const [head, capabilities, tail] =
    /^([\s\S]*?^declare const contract: [\s\S]*?Options<\{\n)([\s\S]*?)(^\}>>;[\s\S]*)$/m.exec(types)?.slice(1) ?? [];
  if (!head || !capabilities || !tail) throw new Error("The contract is not where it was in the package's types.");
  const copy = (n: number) =>
    capabilities.replace(/^ {4}(\w+):/gm, `    $1${n}:`).replace(/"([a-z]+(_[a-z]+)+)"/g, `"$1_${n}"`);
  return head + capabilities + Array.from({ length: times - 1 }, (_, i) => copy(i + 2)).join("") + tail;
}
