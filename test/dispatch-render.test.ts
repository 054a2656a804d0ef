import type { Dispatch } from "@dais/contracts/dispatches";
import { carries } from "@dais/modules/dispatches/ceilings";
import { type Approved, render, withheld } from "@dais/modules/dispatchRecipients";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Content = Dispatch["content"];
const link = "https://dais.test/r/rimal/token";
const to = { language: "en" as const, name: "Huda", organisation: "Rimal", link };
const texts = (some: object = {}) => ({
  ...{
    subject: "{{site}}",
    body: "{{name}}: {{site}}\n{{link}}",
    short: "{{site}} {{link}}",
    contentSid: null,
    ...some,
  },
});
const content = (some: Partial<Content> = {}): Content => ({
  ...{ templateKey: "warning", templateVersion: 1, category: "alert" },
  variables: [{ name: "site", about: "Where.", maxLength: 200 }],
  languages: { en: texts(), ar: null },
  values: { en: { site: "Hall 4" }, ar: {} },
  ...some,
});
const of = (site: string, more: Partial<Content> = {}) => content({ values: { en: { site }, ar: {} }, ...more });

describe("a message", () => {
  test("has values in the place of its variables, in every text", () => {
    expect(render(content(), to)).toMatchObject({
      ...{ language: "en", subject: "Hall 4", text: `Huda: Hall 4\n${link}`, short: `Hall 4 ${link}` },
      variables: { site: "Hall 4", link },
    });
  });

  test("has for WhatsApp's own template the variables of its short text and no others: the vendor refuses what that doesn't have", () => {
    const variables = [...content().variables, { name: "when", about: "When.", maxLength: 200 }];
    const of = (short: string) => {
      const languages = { en: texts({ short, body: "{{when}} {{site}} {{organisation}}" }), ar: null };
      return render(content({ variables, languages, values: { en: { site: "Hall 4", when: "Now" }, ar: {} } }), to)
        .variables;
    };
    expect(of("{{name}} {{when}}, {{when}}: {{link}}")).toEqual({ name: "Huda", when: "Now", link });
    // As the text has the link at its end, so has what was approved.
    expect(of("{{organisation}}: leave.")).toEqual({ organisation: "Rimal", link });
  });

  test("is in the recipient's language where there is such a text, or else in the other; values likewise", () => {
    const both = content({ languages: { en: texts(), ar: texts({ short: "غادر {{site}}" }) } });
    expect(render(both, { ...to, language: "ar" })).toMatchObject({ language: "ar", subject: "Hall 4" });
    expect(render(content(), { ...to, language: "ar" }).language).toBe("en");
    const arabic = { ...both, values: { en: { site: "Hall 4" }, ar: { site: "القاعة ٤" } } };
    expect(render(arabic, { ...to, language: "ar" }).subject).toBe("القاعة ٤");
  });

  test("never reads a value as a template: what is in braces there stays text", () => {
    const evil = "{{link}} {{name}} {{organisation}} {{site}} $& $1";
    expect(render(of(evil), to)).toMatchObject({ text: `Huda: ${evil}\n${link}`, short: `${evil} ${link}` });
    expect(render(content(), { ...to, name: "{{site}}" }).text).toBe(`{{site}}: Hall 4\n${link}`);
  });

  test("replaces each variable once, whatever the values are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (site, name) => {
        expect(render(of(site), { ...to, name }).text).toBe(`${name}: ${site}\n${link}`);
      }),
    );
  });

  test("knows no more names than it declares: not even those that every object has", () => {
    const variables = [{ name: "constructor", about: "A test.", maxLength: 200 }];
    const own = content({ variables, languages: { en: texts({ body: "{{constructor}}{{valueof}}" }), ar: null } });
    expect(render(own, to).text).toBe(`{{valueof}}\n\n${link}`);
  });

  test("has a subject of one line: no value makes a header of mail, or turns the direction of what follows", () => {
    const { subject } = render(of("A\r\nBcc: everybody@example.org\u0000\u2028\u202eevil"), to);
    expect(subject).toBe("A Bcc: everybody@example.org evil");
    expect(render(of("x".repeat(2000)), to).subject).toHaveLength(200);
  });

  test("has one line in each variable of WhatsApp's own template", () => {
    expect(render(of("A\n\tB     C"), to).variables.site).toBe("A B C");
  });

  test("is a page in which only the link is one, and everything else is text", () => {
    const { html } = render(of(`<script>alert("1")</script> & 'x'`), to);
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;");
    expect(html).toContain(`<br><a href="${link}">${link}</a>`);
    expect(html.match(/<(?!\/?(html|meta|body|p|br|a)\b|!doctype)/g)).toBeNull();
    expect(render(content({ languages: { en: null, ar: texts() } }), to).html).toContain('<html lang="ar" dir="rtl">');
  });

  test("has the link at its end where its text doesn't name it", () => {
    const plain = content({ languages: { en: texts({ body: "Leave.\n", short: "Leave." }), ar: null } });
    expect(render(plain, to)).toMatchObject({ text: `Leave.\n\n${link}`, short: `Leave.\n\n${link}` });
  });
});

describe("a message that a channel may not carry", () => {
  test("says in both languages that there is something to read, and nothing of it", () => {
    for (const language of ["en", "ar"] as const) {
      const said = withheld({ ...to, language }, { en: null, ar: null });
      expect(said.text).toContain("Sign in to read it.");
      expect(said.text).toContain("سجّل الدخول");
      expect(said.text.endsWith(link)).toBe(true);
      expect(said).toMatchObject({ language, contentSid: null, variables: { organisation: "Rimal", link } });
      expect(JSON.stringify(said)).not.toContain("Hall 4");
      expect(said.html).toContain(`<a href="${link}">`);
    }
  });

  test("goes by the template that WhatsApp has approved for it: of its language, or else of the other", () => {
    const sidOf = (language: "en" | "ar", approved: Approved) => withheld({ ...to, language }, approved).contentSid;
    expect(sidOf("ar", { en: "HXen", ar: "HXar" })).toBe("HXar");
    expect(sidOf("ar", { en: "HXen", ar: null })).toBe("HXen");
    expect(sidOf("en", { en: null, ar: "HXar" })).toBe("HXar");
  });

  test("is one above its ceiling: the lowest level where nothing is said; and never one that is read signed in", () => {
    const levels = ["public", "internal", "secret"];
    const may = (ceilings: object, channel: "sms" | "in_app", level: string) =>
      carries({ levels }, ceilings, channel, level);
    expect(levels.map((level) => may({}, "sms", level))).toEqual([true, false, false]);
    expect(levels.map((level) => may({ sms: "internal" }, "sms", level))).toEqual([true, true, false]);
    expect(levels.map((level) => may({}, "in_app", level))).toEqual([true, true, true]);
    expect(may({ sms: "gone" }, "sms", "public")).toBe(false);
    expect(may({}, "sms", "gone")).toBe(false);
  });
});
