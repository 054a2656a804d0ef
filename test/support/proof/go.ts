import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const sources = "/usr/share/gocode/src/golang.org/x/mod/sumdb/note";
const program = join(import.meta.dirname, "../../go-verify/main.go");
const env = {
  ...process.env,
  GO111MODULE: "off",
  GOPATH: "/usr/share/gocode",
  GOFLAGS: "",
  GOCACHE: "/tmp/dais-go-cache",
};
const ready = () => existsSync(sources) && !spawnSync("go", ["version"]).error;

/**
 * Builds the verifier in Go, from Debian's packages alone; installs those for root where apt is there. Where it can't be built, says why.
 * @param to The file that becomes the program
 */
export function buildInGo(to: string): { program: string } | { missing: string } {
  if (!ready()) {
    if (spawnSync("apt-get", ["--version"]).error) return { missing: "no Go, and no apt-get to install it with" };
    if (process.getuid?.() !== 0) return { missing: "no Go, and only root could install it" };
    const packages = ["golang-go", "golang-golang-x-mod-dev"];
    const options = {
      timeout: 240_000,
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      encoding: "utf8",
    } as const;
    spawnSync("apt-get", ["update", "-qq"], options);
    const { status, stderr } = spawnSync(
      "apt-get",
      ["install", "-qq", "--no-install-recommends", ...packages],
      options,
    );
    if (!ready())
      return { missing: `no Go, and apt-get could not install it (${status}): ${stderr?.trim().split("\n").at(-1)}` };
  }
  execFileSync("go", ["build", "-o", to, program], { env, stdio: "pipe" });
  return { program: to };
}
