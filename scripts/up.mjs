/**
 * Runs a file on the Node that this repository pins: `node scripts/up.mjs FILE [arguments]`.
 *
 * Needs only Node 20 and npm. Installs what the lockfile asks for when that isn't there yet.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lock } from "../packages/local/lock.mjs";

const pnpm = "pnpm@12.21.0";
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const marker = join(root, "node_modules/.dais-installed");
const nodeFolder = join(root, `node_modules/node-linux-${process.arch}/bin`);

if (process.platform !== "linux" || !["x64", "arm64"].includes(process.arch)) {
  fail(`Dais runs on Linux on x64 or arm64, not on ${process.platform} ${process.arch}. On others, use Docker or WSL.`);
}
const [file, ...args] = process.argv.slice(2);
if (!file) fail("Usage: node scripts/up.mjs FILE [arguments]");
await installOnce();
run(join(root, file), args);

function run(path, rest) {
  const env = { ...process.env, PATH: [nodeFolder, process.env.PATH].join(delimiter) };
  const child = spawn(join(nodeFolder, "node"), [path, ...rest], { stdio: "inherit", env });
  child.once("error", (error) => fail(`${nodeFolder}/node does not run here (it needs glibc): ${error.message}`));
  // A signal may be meant for this process alone (a supervisor's) or for the whole group (Ctrl-C, which the child then
  // has got already), and nothing tells which. So the first of each kind is handed on; the child takes a repeat within
  // the same moment for the same wish. Later ones aren't: a terminal delivers those itself.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    let handedOn = false;
    process.on(name, () => {
      if (!handedOn) child.kill(name);
      handedOn = true;
    });
  }
  child.once("exit", (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
      // A signal that doesn't end this process (it is process 1 of a container) is told in the shell's way.
      setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
    } else process.exit(code);
  });
}

// Told by content, not by dates: git gives every file the date of the checkout.
async function installOnce() {
  if (isInstalled()) return;
  mkdirSync(join(root, ".dais"), { recursive: true });
  const held = await lock(join(root, ".dais/install.lock"), ({ pid }) => {
    process.stderr.write(`Waiting for the installation that process ${pid} has begun…\n`);
  });
  try {
    if (isInstalled()) return;
    const wanted = fingerprint();
    await install();
    writeFileSync(marker, wanted);
  } finally {
    held.release();
  }
}

function isInstalled() {
  return existsSync(marker) && readFileSync(marker, "utf8") === fingerprint() && existsSync(join(nodeFolder, "node"));
}

function fingerprint() {
  const hash = createHash("sha256").update(process.arch);
  const members = workspaceMembers().map((member) => join(member, "package.json"));
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...members]) {
    hash.update(`${path}\n`).update(existsSync(join(root, path)) ? readFileSync(join(root, path)) : "");
  }
  return hash.digest("hex");
}

function workspaceMembers() {
  const list =
    /^packages:\n((?:[ \t#].*\n|\n)*)/m.exec(readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"))?.[1] ?? "";
  return [...list.matchAll(/^\s*-\s*["']?([^"'\s#]+)/gm)].flatMap(([, member]) => {
    const folder = member.replace(/\/\*$/, "");
    if (folder === member || !existsSync(join(root, folder))) return [folder];
    return readdirSync(join(root, folder)).map((name) => join(folder, name));
  });
}

function install() {
  const slow = setTimeout(() => process.stderr.write("Installing…\n"), 2000);
  const flags = ["--frozen-lockfile", "--config.confirm-modules-purge=false"];
  // Not the Node of node_modules, which npm puts first on PATH: it is what is being replaced.
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, "node_modules")));
  const child = spawn("npx", ["--yes", pnpm, "install", ...flags], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  return new Promise((done) => {
    child.once("error", (error) => fail(`npx does not run: ${error.message}. Dais needs Node 20 or later with npm.`));
    child.once("close", (code) => {
      clearTimeout(slow);
      if (code === 0) return done();
      process.stderr.write(Buffer.concat(output));
      fail(`Installing failed: npx ${pnpm} install ${flags.join(" ")}`, code ?? 1);
    });
  });
}

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
