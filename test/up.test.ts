import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanUp, scratchFolder, watch } from "./support/programs.ts";

const root = resolve(import.meta.dirname, "..");
let checkout: string;

beforeEach(() => {
  checkout = scratchFolder();
  for (const folder of ["scripts", "packages/local", "bin"]) mkdirSync(join(checkout, folder), { recursive: true });
  for (const file of ["scripts/up.mjs", "packages/local/lock.mjs"])
    copyFileSync(join(root, file), join(checkout, file));
  write("pnpm-workspace.yaml", "packages:\n  - packages/local\n\nsavePrefix: ''\n");
  for (const file of ["package.json", "packages/local/package.json"]) write(file, '{ "type": "module" }');
  write("pnpm-lock.yaml", "first");
  write("hello.ts", 'const said: string = process.argv.slice(2).join(" ");\nconsole.log(said, process.execPath);');
  // Stands in for npx: notes each call and puts this Node where the pinned one belongs.
  const bin = `node_modules/node-linux-${process.arch}/bin`;
  write(
    "bin/npx",
    `#!/bin/sh\necho "$@" >> calls\nsleep 0.2\nmkdir -p ${bin}\nln -sf ${process.execPath} ${bin}/node\n`,
  );
  chmodSync(join(checkout, "bin/npx"), 0o755);
});
afterEach(cleanUp);

describe("up", () => {
  it("installs once, then runs the file with its arguments on the pinned Node", async () => {
    for (const said of ["one", "two"]) {
      const { output, code } = await up("hello.ts", "said", said);
      expect(output).toBe(`said ${said} ${process.execPath}\n`);
      expect(code).toBe(0);
    }
    expect(calls()).toEqual([expect.stringMatching(/^--yes pnpm@\d+\.\d+\.\d+ install --frozen-lockfile/)]);
  });

  it.each(["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", "packages/local/package.json"])(
    "installs again when %s has changed",
    async (file) => {
      await up("hello.ts");
      write(file, `${readFileSync(join(checkout, file), "utf8")}\n`);
      await up("hello.ts");
      expect(calls()).toHaveLength(2);
    },
  );

  it("installs again when node_modules is gone", async () => {
    await up("hello.ts");
    rmSync(join(checkout, "node_modules"), { recursive: true });
    await up("hello.ts");
    expect(calls()).toHaveLength(2);
  });

  it("installs once for two who start at once", async () => {
    const both = await Promise.all([up("hello.ts", "a"), up("hello.ts", "b")]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(calls()).toHaveLength(1);
  });

  it("shows what went wrong, leaves with the installer's code, and tries again the next time", async () => {
    write("bin/npx", "#!/bin/sh\necho no network today\nexit 7\n");
    for (const _ of [1, 2]) {
      const { output, errors, code } = await up("hello.ts");
      expect(output).toBe("");
      expect(errors).toMatch(/^no network today\nInstalling failed: npx pnpm@/);
      expect(code).toBe(7);
    }
  });

  it("leaves with the file's exit code", async () => {
    write("exit.ts", "process.exit(3);");
    expect((await up("exit.ts")).code).toBe(3);
  });

  it("hands a signal on once and lets the file end in its own way", async () => {
    write(
      "wait.ts",
      'let n = 0; process.on("SIGINT", () => { n++; setTimeout(() => process.exit(10 + n), 200); }); setInterval(() => {}, 1000); console.log("ready");',
    );
    const running = watch(start("wait.ts"));
    await running.line();
    running.kill("SIGINT");
    running.kill("SIGINT");
    expect(await running.end).toEqual([11, null]);
  });

  it("ends by the signal that ended the file", async () => {
    write("die.ts", 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000);');
    const child = watch(start("die.ts"));
    expect(await child.end).toEqual([null, "SIGTERM"]);
  });
});

function write(file: string, text: string): void {
  writeFileSync(join(checkout, file), text);
}

function calls(): string[] {
  const file = join(checkout, "calls");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

function start(...args: string[]) {
  const env = { ...process.env, PATH: `${join(checkout, "bin")}:${process.env.PATH}` };
  return spawn(process.execPath, [join(checkout, "scripts/up.mjs"), ...args], { cwd: checkout, env });
}

async function up(...args: string[]) {
  const child = start(...args);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  const code = await new Promise((done) => child.once("close", done));
  return { output, errors, code };
}
