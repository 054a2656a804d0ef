/** What a story tells: its fields go together, so that a title and the body beside it speak of the same thing. */
type Story = Record<"title" | "body" | "area" | "source" | "language" | "reason" | "category", string>;

// biome-ignore format: a story is a line
const told: [title: string, body: string, area: string, source: string, reason: string, category: string][] = [
  ["Flood watch for low-lying roads", "Heavy rain may flood underpasses until midnight.", "Al Quoz, Dubai", "ncm", "Two sites lie in the area.", "met"],
  ["Fibre cut on the northern ring", "Traffic runs over the southern path; repair is under way.", "Sharjah to Ajman", "noc", "The second path carries the load.", "infra"],
  ["عاصفة رملية متوقعة مساء اليوم", "تنخفض الرؤية إلى أقل من كيلومتر واحد على الطرق الخارجية.", "الظفرة، أبوظبي", "ncm", "تأثير محدود على المواقع الداخلية.", "met"],
  ["Phishing wave against finance staff", "Mails with a false invoice come from a look-alike domain.", "All offices", "soc", "Three people have opened the link.", "security"],
  ["Cooling fault in data hall 2", "Intake temperature rises by two degrees an hour.", "Dubai Silicon Oasis", "bms", "Spare capacity is enough until tomorrow.", "infra"],
  ["Protest announced near the head office", "Police expect up to 300 people between 16:00 and 18:00.", "Al Maryah Island, Abu Dhabi", "security.desk", "Staff can leave early.", "safety"],
  ["Supplier reports a late delivery", "The second batch of routers arrives nine days later.", "Jebel Ali Port", "procurement", "The plan has two weeks to spare.", "other"],
  ["انقطاع كهرباء مخطط له", "أعمال صيانة من منتصف الليل حتى الثالثة صباحًا.", "مدينة مصدر", "facilities", "المولدات جاهزة ومختبرة.", "infra"],
  ["Draft law on data residency published", "Comments are open for 30 days.", "Federal Gazette", "legal.watch", "Legal prepares a position.", "other"],
  ["Patient data portal answers slowly", "One request in twenty takes more than five seconds.", "Region me-central-1", "monitoring", "A new index is being tried.", "infra"],
  ["Visitor from the ministry tomorrow", "The delegation of six arrives at 09:30.", "Head office, level 14", "protocol", "The briefing is ready.", "other"],
  ["Minor earthquake felt on the coast", "Magnitude 3.1, depth 8 km, no damage known.", "Fujairah coast", "usgs", "No site reports damage.", "geo"],
];

export const stories: readonly Story[] = told.map(([title, body, area, source, reason, category]) => {
  const language = /[\u0600-\u06ff]/.test(title) ? "ar" : "en";
  return { title, body, area, source, language, reason, category };
});

// biome-ignore format: one list
const firsts = [["Rimal", "رمال"], ["Falak", "فلك"], ["Sahab", "سحاب"], ["Nakhla", "نخلة"], ["Marsa", "مرسى"], ["Wadi", "وادي"], ["Bahr", "بحر"], ["Qamar", "قمر"]];
// biome-ignore format: one list
const lasts = [["Cloud", "كلاود"], ["Networks", "للشبكات"], ["Energy", "للطاقة"], ["Health", "الصحية"], ["Logistics", "للخدمات اللوجستية"], ["Research", "للأبحاث"], ["Properties", "العقارية"]];
// biome-ignore format: one list
const people = ["Noura Al Mansoori", "Omar Haddad", "Layla Rahman", "Saeed Al Ketbi", "Maya Fernandes", "Yousef Qasim", "Hind Al Suwaidi"];
const levels = ["normal", "elevated", "high", "critical"];

/** The name with this number, in both languages. The numbers of 56 names in a row are all different names. */
export function nameOf(n: number): { en: string; ar: string } {
  const [en, ar] = firsts[n % firsts.length] as [string, string];
  const [last, akhir] = lasts[n % lasts.length] as [string, string];
  return { en: `${en} ${last}`, ar: `${ar} ${akhir}` };
}

const slug = (text: string) => text.toLowerCase().replaceAll(" ", "-");
const story = (field: keyof Story) => (n: number) => stories[n % stories.length]?.[field] as string;
const of = (list: readonly string[]) => (n: number) => list[n % list.length] as string;

/**
 * A word by the name of the field that it is for, the first line that fits. The same number goes through all fields of an object.
 * Whether the schema takes the word is judged elsewhere.
 */
const byName: readonly [RegExp, (n: number) => string][] = [
  [/^ar$|Ar$|arabic/i, (n) => nameOf(n).ar],
  [/e-?mail/i, (n) => `${slug(of(people)(n)).replaceAll("-", ".")}@example.org`],
  [/phone|mobile|msisdn/i, (n) => `+9715${String(10_000_000 + ((n * 7919) % 90_000_000))}`],
  [/url$|uri$|href$|link$/i, (n) => `https://example.org/${n % 1000}`],
  [/^title|subject|headline|summary/i, story("title")],
  [/body|description|text|message|content|about|note/i, story("body")],
  [/reason|why|comment|rationale/i, story("reason")],
  [/area|place|location|address|where|city/i, story("area")],
  [/source|system|channel/i, story("source")],
  [/category|topic/i, story("category")],
  [/severity|priority|urgency/i, of(["moderate", "minor", "severe", "moderate", "extreme"])],
  [/language|locale/i, story("language")],
  [/classification|clearance/i, of(["internal", "public", "internal", "confidential"])],
  [/level/i, of(levels)],
  [/zone/i, of(["Asia/Dubai", "Asia/Riyadh", "Europe/London"])],
  [/currency/i, of(["AED", "SAR", "USD"])],
  [/amount|price|budget|cost/i, (n) => `${1 + (n % 900)}${n % 10}50.00`],
  [/media.?type|content.?type|mime/i, of(["application/pdf", "text/csv"])],
  [/file/i, (n) => `report-${1 + (n % 90)}.pdf`],
  [/unit/i, of(["signals", "percent", "AED"])],
  [/external|reference|serial/i, (n) => `urn:example:${100_000 + (n % 900_000)}`],
  [/secret|token|password/i, (n) => `mock-${n}-${"example".repeat(4)}`],
  [/by$|owner|actor|assignee|author|person|user/i, of(people)],
  [/key$|slug|code|handle/i, (n) => slug(nameOf(n).en)],
  [/^en$|name|label|entity|organisation|company|department/i, (n) => nameOf(n).en],
];

/** The word for a field. Null: its name says nothing. */
export const wordFor = (field: string, n: number): string | null =>
  byName.find(([name]) => name.test(field))?.[1](n) ?? null;

/** The place of the level with this number in the order of levels. */
export const rankOf = (n: number): number => n % levels.length;
