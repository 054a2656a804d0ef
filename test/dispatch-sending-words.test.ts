import { acknowledges } from "@dais/modules/dispatches/sending";
import { describe, expect, test } from "vitest";

describe("an answer", () => {
  test.each(["OK", "ok.", " Yes! ", "1", "١", "تم", "نَعَم", "استلمت", "تـم", "‏تم‏", "👍 OK", "Received"])(
    "%s: they got it",
    (text) => expect(acknowledges(text)).toBe(true),
  );
  test.each(["", "not ok", "OK?? who is this", "11", "no", "yes, but call me first", "لا", "stop", "👍👍"])(
    "%s: says something else, or nothing",
    (text) => expect(acknowledges(text)).toBe(false),
  );
});
