import { runAll } from "./tools.ts";
import { wordsOf } from "./words.ts";

/** What a part of a page says to an eye: the words that character recognition finds from `top` to `bottom`, in points. */
export function seenOn(
  bytes: Uint8Array,
  { page, top, bottom }: { page: number; top: number; bottom: number },
  language: "eng" | "ara",
  dpi = 300,
): string[] {
  const dots = (points: number) => String(Math.round((points * dpi) / 72));
  const part = [
    "-f",
    String(page),
    "-l",
    String(page),
    "-x",
    "0",
    "-y",
    dots(top),
    "-W",
    dots(596),
    "-H",
    dots(bottom - top),
  ];
  const drawn = ["-r", String(dpi), "-gray", "-png", "-singlefile", ...part, "{}/a.pdf", "{}/page"];
  const read = ["{}/page.png", "-", "-l", language, "--psm", "4"];
  const { said } = runAll(
    [
      ["pdftoppm", drawn],
      ["tesseract", read],
    ],
    { "a.pdf": bytes },
  );
  return wordsOf(said);
}

/** What the codes on a page say to a camera. */
export function codesOn(bytes: Uint8Array, page: number): string[] {
  const drawn = [
    "-r",
    "150",
    "-gray",
    "-png",
    "-singlefile",
    "-f",
    String(page),
    "-l",
    String(page),
    "{}/a.pdf",
    "{}/page",
  ];
  const { said } = runAll(
    [
      ["pdftoppm", drawn],
      ["zbarimg", ["--raw", "--quiet", "{}/page.png"]],
    ],
    { "a.pdf": bytes },
  );
  return said.trim().split("\n");
}

/** A page as Chromium prints it. */
export function printed(html: string): Uint8Array {
  const quietly = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-pdf-header-footer",
    "--user-data-dir={}/profile",
  ];
  const { left } = runAll([["chromium", [...quietly, "--print-to-pdf={}/a.pdf", "file://{}/a.html"]]], {
    "a.html": html,
  });
  return left("a.pdf");
}
