import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The packages of Debian that have the programs which look at documents. */
const packages = {
  qpdf: ["qpdf"],
  pdftotext: ["poppler-utils"],
  pdfinfo: ["poppler-utils"],
  pdffonts: ["poppler-utils"],
  pdftoppm: ["poppler-utils"],
  pdfdetach: ["poppler-utils"],
  zbarimg: ["zbar-tools"],
  tesseract: ["tesseract-ocr", "tesseract-ocr-ara"],
  chromium: ["chromium"],
} as const;
export type Program = keyof typeof packages;

/**
 * Runs a program and answers with what it wrote; `{}` among its arguments stands for the scratch folder with the files. On Debian, root gets
 * it installed once.
 * @throws where it can't be had, or fails
 */
export function run(program: Program, args: string[], files: Record<string, Uint8Array | string>): string {
  return runAll([[program, args]], files).said;
}

/** The same for several programs, one after the other in the same folder: what the last one wrote, and the files that it left. */
export function runAll(
  steps: [Program, string[]][],
  files: Record<string, Uint8Array | string>,
): { said: string; left(name: string): Buffer } {
  for (const [program] of steps) have(program);
  const folder = mkdtempSync(join(tmpdir(), "dais-pdf-"));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const said =
      steps
        .map(([program, args]) =>
          ran(
            program,
            args.map((arg) => arg.replaceAll("{}", folder)),
          ),
        )
        .at(-1) ?? "";
    const left = new Map(
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => [name, readFileSync(join(folder, name))]),
    );
    return { said, left: (name) => left.get(name) ?? Buffer.alloc(0) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const found = new Set<Program>();

function have(program: Program): void {
  if (found.has(program)) return;
  const there = () => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
  if (!there() && process.getuid?.() === 0) {
    const apt = (...args: string[]) =>
      spawnSync("apt-get", ["-qq", ...args], { timeout: 180_000, stdio: "ignore" }).status === 0;
    const install = () => apt("install", "--no-install-recommends", "-y", ...packages[program]);
    if (!install()) apt("update") && install();
  }
  if (!there()) throw new Error(`These tests need ${program}: apt-get install ${packages[program].join(" ")}`);
  found.add(program);
}

function ran(program: Program, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 64 << 20,
    env: { ...process.env, OMP_THREAD_LIMIT: "1" },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}
