import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { checked, isPublic } from "@dais/adapters/outgoing/address";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type Answer, document, feedServer, raw } from "./support/feed-server.ts";

const there = await feedServer();
afterAll(() => there.stop());

const nothing = { etag: null, lastModified: null };
const ask = there.asking();
const failed = (code: string, retryAfterSeconds: number | null = null) => ({ kind: "failed", code, retryAfterSeconds });
const brought = (text: string) => ({ kind: "document", bytes: Buffer.from(text) });
const askOf = (answer: Answer, options: Parameters<typeof there.asking>[0] = {}) =>
  there.asking(options)({ url: there.at(answer).url, ...nothing });

describe("a feed that answers", () => {
  test("200: its document, with what it calls itself, which is sent back the next time", async () => {
    const page = there.at(document("<alert/>", { etag: '"v1"', "last-modified": "Tue, 06 Jan 2026 04:00:00 GMT" }));
    const first = await ask({ url: `${page.url}?area=TX`, ...nothing });
    const known = { etag: '"v1"', lastModified: "Tue, 06 Jan 2026 04:00:00 GMT" };
    expect(first).toEqual({ ...brought("<alert/>"), ...known });
    expect(page.asked[0]).toMatchObject({ ":path": `${page.path}?area=TX`, host: `dais:${there.port}` });
    expect(page.asked[0]).not.toHaveProperty("if-none-match");
    expect(page.asked[0]).not.toHaveProperty("if-modified-since");
    await ask({ url: page.url, ...known });
    expect(page.asked[1]).toMatchObject({ "if-none-match": '"v1"', "if-modified-since": known.lastModified });
  });

  test("200 without a name for itself: the next one is asked without conditions", async () => {
    expect(await askOf(document("<alert/>"))).toEqual({ ...brought("<alert/>"), ...nothing });
  });

  test.each(["gzip", "x-gzip", "GZIP"])("200 packed as %s", async (packing) => {
    const answer = document(gzipSync("<alert/>"), { "content-encoding": packing });
    expect(await askOf(answer)).toMatchObject(brought("<alert/>"));
  });

  test("304: nothing has changed, to who asked whether it has", async () => {
    const page = there.at(document("", {}, 304));
    expect(await ask({ url: page.url, etag: '"v1"', lastModified: null })).toEqual({ kind: "unchanged" });
    expect(await ask({ url: page.url, etag: null, lastModified: "x" })).toEqual({ kind: "unchanged" });
    expect(await ask({ url: page.url, ...nothing })).toEqual(failed("unexpected_answer"));
  });

  test.each([201, 204, 206, 300, 400, 401, 404, 410, 429, 500, 503])("%i is no document", async (status) => {
    expect(await askOf(document("", {}, status))).toEqual(failed("unexpected_answer"));
  });

  test.each([
    ["120", 120],
    ["0", null],
    ["-5", null],
    ["Tue, 06 Jan 2026 04:02:00 GMT", 120],
    ["Tue, 06 Jan 2026 03:00:00 GMT", null],
    ["soon", null],
    ["9".repeat(400), null],
  ])("503 with Retry-After: %s", async (said, seconds) => {
    const now = () => new Date("2026-01-06T04:00:00.000Z");
    const answer = document("", { "retry-after": said }, 503);
    expect(await askOf(answer, { now })).toEqual(failed("unexpected_answer", seconds));
  });
});

describe("a feed that leads elsewhere", () => {
  const to = (location: string, status = 302) => document("", { location }, status);

  test.each([301, 302, 303, 307, 308])("%i is followed, with the same conditions", async (status) => {
    const end = there.at(document("<alert/>"));
    const page = there.at(to(end.path, status));
    expect(await ask({ url: page.url, etag: '"v1"', lastModified: null })).toMatchObject(brought("<alert/>"));
    expect(end.asked).toMatchObject([{ "if-none-match": '"v1"' }]);
  });

  test("is followed three times, and no fourth", async () => {
    const end = there.at(document("<alert/>"));
    const chain = [end];
    for (let n = 0; n < 4; n += 1) chain.push(there.at(to((chain.at(-1) as typeof end).url)));
    expect(await ask({ url: chain[3]?.url as string, ...nothing })).toMatchObject(brought("<alert/>"));
    expect(await ask({ url: chain[4]?.url as string, ...nothing })).toEqual(failed("too_many_redirects"));
    const loop = there.at(() => {});
    loop.answer = to(loop.path);
    expect(await ask({ url: loop.url, ...nothing })).toEqual(failed("too_many_redirects"));
    expect(loop.asked).toHaveLength(4);
  });

  test.each([
    ["http://dais/", "no TLS"],
    ["https://10.0.0.1/", "a private network"],
    ["https://[::1]/", "this machine"],
    ["https://169.254.169.254/latest/meta-data/", "the metadata of a cloud"],
    ["https://inside.example/", "a name within a private network"],
    ["https://name:word@dais/", "a name and a password"],
    ["ftp://dais/", "another protocol"],
    ["file:///etc/passwd", "a file"],
    ["data:text/xml,<alert/>", "itself"],
  ])("to %s is refused: %s", async (target) => {
    const resolve = async (host: string) => [host === "dais" ? "127.0.0.1" : "10.0.0.7"];
    const page = there.at(to(target));
    expect(await there.asking({ resolve })({ url: page.url, ...nothing })).toEqual(failed("address_refused"));
    expect(page.asked).toHaveLength(1);
  });

  test("to nowhere, or without saying where, is no document", async () => {
    for (const answer of [to("https://"), document("", {}, 302)])
      expect(await askOf(answer)).toEqual(failed("unexpected_answer"));
  });
});

describe("an address that nobody may be led to", () => {
  const hosts = [
    ...["127.0.0.1", "127.1.2.3", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.1", "100.64.0.1"],
    ...["169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.9"],
    ...["224.0.0.1", "240.0.0.1", "255.255.255.255"],
    // The same machine in other words.
    ...["2130706433", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "017700000001", "127.1", "0", "127.0.0.1."],
    ...["①②⑦.⓪.⓪.①", "%31%32%37.0.0.1"],
    ...[
      "[::1]",
      "[::]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[::ffff:8.8.8.8]",
      "[::127.0.0.1]",
      "[64:ff9b::7f00:1]",
    ],
    ...["[64:ff9b:1::1]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2002:7f00:1::]"],
    ...["[2001::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]"],
  ];

  test.each(hosts)("%s", async (host) => {
    const before = there.connections();
    const never = vi.fn(async () => ["127.0.0.1"]);
    const url = `https://${host}:${there.port}/`;
    expect(await there.asking({ resolve: never })({ url, ...nothing })).toEqual(failed("address_refused"));
    expect(never).not.toHaveBeenCalled();
    expect(there.connections()).toBe(before);
  });

  test.each(["localhost", "localhost.", "LOCALHOST", "metadata.google.internal", "ten.example"])(
    "%s, whose address is one of those",
    async (host) => {
      const before = there.connections();
      for (const address of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8"]) {
        const resolve = async () => [address];
        const url = `https://${host}:${there.port}/`;
        expect(await there.asking({ resolve })({ url, ...nothing })).toEqual(failed("address_refused"));
      }
      expect(there.connections()).toBe(before);
    },
  );

  test.each([
    ["http://dais/", "no TLS"],
    ["http://127.0.0.1/", "no TLS, here"],
    ["https://name@dais/", "a name"],
    ["https://name:word@dais/", "a password"],
  ])("%s: %s, also of a host that is allowed", async (url) => {
    const before = there.connections();
    const allowed = ["dais", "127.0.0.1"];
    expect(await there.asking({ allowed })({ url: url.replace("/$", `:${there.port}/`), ...nothing })).toEqual(
      failed("address_refused"),
    );
    expect(there.connections()).toBe(before);
  });

  test("a name with a public and a private address is refused, whichever comes first", async () => {
    for (const addresses of [
      ["93.184.215.14", "10.0.0.1"],
      ["10.0.0.1", "93.184.215.14"],
    ])
      expect(
        await there.asking({ allowed: [], resolve: async () => addresses })({
          url: "https://both.example/",
          ...nothing,
        }),
      ).toEqual(failed("address_refused"));
  });

  test("public ones are not refused", async () => {
    for (const address of [
      "8.8.8.8",
      "93.184.215.14",
      "172.32.0.1",
      "100.128.0.1",
      "2606:4700::1111",
      "2a00:1450::1",
    ]) {
      expect(isPublic(address)).toBe(true);
      const found = checked(new URL("https://feeds.example/"), { allowed: [], plainHere: false }, async () => [
        address,
      ]);
      expect(await found).toEqual({ addresses: [address] });
    }
    for (const none of ["", "dais", "1.2.3", "1.2.3.4:443"]) expect(isPublic(none)).toBe(false);
  });
});

describe("the connection", () => {
  test("goes to the address that was checked, whatever the DNS says a moment later", async () => {
    const page = there.at(document("<alert/>"));
    const resolve = vi.fn(async () => ["127.0.0.3"]).mockResolvedValueOnce(["127.0.0.2"]);
    expect(await there.asking({ resolve })({ url: page.url, ...nothing })).toMatchObject(brought("<alert/>"));
    expect(page.asked).toMatchObject([{ ":at": "127.0.0.2" }]);
    expect(resolve.mock.calls).toEqual([["dais"]]);
  });

  test("goes to another address of the same name where one is dead", async () => {
    const page = there.at(document("<alert/>"));
    const resolve = async () => ["::1", "127.0.0.2"];
    expect(await there.asking({ resolve })({ url: page.url, ...nothing })).toMatchObject(brought("<alert/>"));
    expect(page.asked).toMatchObject([{ ":at": "127.0.0.2" }]);
  });

  test("is checked anew at each step that it is led", async () => {
    const page = there.at(() => {});
    page.answer = document("", { location: `https://other.example:${there.port}${page.path}` }, 302);
    const resolve = vi.fn(async (host: string) => [host === "dais" ? "127.0.0.1" : "192.168.0.1"]);
    expect(await there.asking({ resolve })({ url: page.url, ...nothing })).toEqual(failed("address_refused"));
    expect(resolve.mock.calls).toEqual([["dais"], ["other.example"]]);
    expect(page.asked).toHaveLength(1);
  });

  test("is one of TLS with whom the address names: another's certificate, or nobody's, is none", async () => {
    const page = there.at(document("<alert/>"));
    const other = page.url.replace("dais", "other");
    expect(await there.asking({ allowed: ["other"] })({ url: other, ...nothing })).toEqual(failed("unreachable"));
    expect(await there.asking({ ca: undefined as never })({ url: page.url, ...nothing })).toEqual(
      failed("unreachable"),
    );
    expect(page.asked).toEqual([]);
  });

  test("to a name that the DNS doesn't know, or is silent about, is none", async () => {
    const url = "https://nobody.example/";
    const unknown = [async () => [], () => Promise.reject(new Error("ENOTFOUND"))];
    for (const resolve of unknown)
      expect(await there.asking({ resolve })({ url, ...nothing })).toEqual(failed("unresolved"));
    const silent = there.asking({ resolve: () => new Promise(() => {}), timeoutMs: 100 });
    expect(await silent({ url, ...nothing })).toEqual(failed("timed_out"));
  });

  test("to where nobody listens is none", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as AddressInfo;
    gone.close();
    expect(await ask({ url: `https://dais:${port}/`, ...nothing })).toEqual(failed("unreachable"));
  });

  test("what is no address at all is an answer too", async () => {
    expect(await ask({ url: "no address", ...nothing })).toEqual(failed("unreachable"));
  });
});

describe("a host that the operators allow", () => {
  const get = (allowed: string[], url: string) => there.asking({ allowed })({ url, ...nothing });

  test("may lie within the own network: by its name, or by its name and port", async () => {
    const { url } = there.at(document("<alert/>"));
    for (const allowed of ["dais", `dais:${there.port}`, "DAIS"])
      expect(await get([allowed], url)).toMatchObject({ kind: "document" });
    for (const allowed of ["other", "dais:1", "ais", "dai", "dais.", `https://dais:${there.port}`])
      expect(await get([allowed], url)).toEqual(failed("address_refused"));
  });

  test("the usual port may be named", async () => {
    const hosts = { allowed: ["inside.example:443"], plainHere: false };
    const place = (url: string) => checked(new URL(url), hosts, async () => ["10.0.0.1"]);
    expect(await place("https://inside.example/")).toEqual({ addresses: ["10.0.0.1"] });
    expect(await place("https://inside.example:8443/")).toBe("address_refused");
  });

  test("may be asked without TLS where it is this machine, and the server is none of production", async () => {
    const place = (url: string, plainHere: boolean) =>
      checked(new URL(url), { allowed: ["localhost", "127.0.0.1", "[::1]", "dais"], plainHere }, async () => [
        "127.0.0.1",
      ]);
    for (const url of ["http://localhost:8080/", "http://127.0.0.1/", "http://[::1]/"]) {
      expect(await place(url, true)).toMatchObject({ addresses: [expect.any(String)] });
      expect(await place(url, false)).toBe("address_refused");
    }
    expect(await place("http://dais/", true)).toBe("address_refused");
  });
});

describe("too much, too slow, or nonsense", () => {
  const bytes = 10_000;
  const limited = { bytes, timeoutMs: 400 };
  const zeros = (size: number) => "0".repeat(size);
  const closed = () => vi.waitFor(() => expect(there.open()).toBe(0), { timeout: 20_000 });

  test("a document may be as large as the limit, and no larger: said ahead, unsaid, or packed", async () => {
    const chunked: Answer = (response) => {
      response.write(zeros(bytes));
      response.end("0");
    };
    const packed = { "content-encoding": "gzip" };
    expect(await askOf(document(zeros(bytes)), limited)).toMatchObject({ kind: "document" });
    expect(await askOf(document(gzipSync(zeros(bytes)), packed), limited)).toMatchObject({ kind: "document" });
    for (const answer of [document(zeros(bytes + 1)), chunked, document(gzipSync(zeros(bytes + 1)), packed)])
      expect(await askOf(answer, limited)).toEqual(failed("too_large"));
    await closed();
  });

  test("a document that says that it will be too large is not waited for", async () => {
    const answer: Answer = (response) => response.writeHead(200, { "content-length": String(bytes + 1) }).write("0");
    expect(await askOf(answer, { ...limited, timeoutMs: 10_000 })).toEqual(failed("too_large"));
    await closed();
  });

  test("a document without an end is left as soon as it is too large", async () => {
    const answer: Answer = (response) => {
      const more = () => {
        while (!response.destroyed && response.write(zeros(1000)));
      };
      response.on("drain", more);
      more();
    };
    expect(await askOf(answer, { ...limited, timeoutMs: 10_000 })).toEqual(failed("too_large"));
    await closed();
  });

  test("a bomb of gzip is unpacked no further than the limit", async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(300_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(await askOf(document(bomb, { "content-encoding": "gzip" }), { bytes: 1_000_000 })).toEqual(
      failed("too_large"),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
    await closed();
  });

  test("drop by drop ends at the limit of time: of the head, of the body, of what is packed", async () => {
    const dripping =
      (head: string, body: string | Uint8Array = ""): Answer =>
      ({ socket }) => {
        socket?.write(head);
        socket?.write(body);
        const drip = setInterval(() => socket?.write("x"), 20);
        socket?.on("close", () => clearInterval(drip));
      };
    const head = "HTTP/1.1 200 OK\r\n";
    // The name of a file that never ends (RFC 1952, section 2.3): nothing is ever unpacked.
    const named = Buffer.from("1f8b0808000000000003", "hex");
    const slow = [
      dripping(`${head}x: `),
      dripping(`${head}\r\n`),
      dripping(`${head}content-length: 5000\r\n\r\n`),
      dripping(`${head}content-encoding: gzip\r\n\r\n`, named),
      () => {},
    ];
    for (const answer of slow) expect(await askOf(answer, limited)).toEqual(failed("timed_out"));
    await closed();
  });

  test("redirects have no more time than one answer", async () => {
    const page = there.at(() => {});
    page.answer = (response) => setTimeout(() => response.writeHead(302, { location: page.path }).end(), 150);
    expect(await there.asking(limited)({ url: page.url, ...nothing })).toEqual(failed("timed_out"));
    expect(page.asked.length).toBeLessThan(4);
  });

  test("who takes the connection and says nothing, not even of TLS, is left at the limit of time", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const answer = there.asking({ timeoutMs: 200 })({ url: `https://dais:${port}/`, ...nothing });
    expect(await answer).toEqual(failed("timed_out"));
    silent.close();
  });

  test("a connection that is cut in the middle brings nothing: plain, in chunks, packed", async () => {
    const cut =
      (head: string, body: string | Uint8Array): Answer =>
      ({ socket }) => {
        socket?.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`);
        socket?.write(body);
        setTimeout(() => socket?.destroy(), 50);
      };
    const half = gzipSync("<alert/>").subarray(0, 20);
    expect(await askOf(cut("content-length: 100", "<alert/>"))).toEqual(failed("unreachable"));
    expect(await askOf(cut("transfer-encoding: chunked", "8\r\n<alert/>\r\n"))).toEqual(failed("unreachable"));
    expect(await askOf(cut("content-length: 100\r\ncontent-encoding: gzip", half))).toEqual(failed("unreachable"));
    expect(await askOf(({ socket }) => socket?.destroy())).toEqual(failed("unreachable"));
  });

  test.each(["br", "deflate", "gzip, gzip", "nonsense"])("packed as %s, which nobody asked for", async (packing) => {
    expect(await askOf(document("<alert/>", { "content-encoding": packing }))).toEqual(failed("unexpected_answer"));
  });

  test("said to be packed, and isn't, or only half", async () => {
    for (const body of ["<alert/>", gzipSync("<alert/>").subarray(0, 20)])
      expect(await askOf(document(body, { "content-encoding": "gzip" }))).toEqual(failed("unexpected_answer"));
  });

  test("headers that nobody would send back are not kept", async () => {
    for (const name of ["é", "\t", "x".repeat(501)]) {
      const answer = raw(`HTTP/1.1 200 OK\netag: a${name}b\nlast-modified: a${name}b\ncontent-length: 8\n\n<alert/>`);
      expect(await askOf(answer)).toEqual({ ...brought("<alert/>"), ...nothing });
    }
  });

  test.each([
    ["no HTTP", "SSH-2.0-OpenSSH_9.6\n"],
    ["another protocol", "HTTP/1.1 101 Switching Protocols\nupgrade: other\nconnection: upgrade\n\n"],
    ["a head without an end", `HTTP/1.1 200 OK\n${"x: y\n".repeat(20_000)}\n`],
    ["two lengths", "HTTP/1.1 200 OK\ncontent-length: 8\ncontent-length: 9\n\n<alert/>"],
    ["a length below nothing", "HTTP/1.1 200 OK\ncontent-length: -1\n\n<alert/>"],
    ["a header within a header", "HTTP/1.1 200 OK\netag: a\u0000b\ncontent-length: 8\n\n<alert/>"],
  ])("%s", async (_, text) => {
    expect(await askOf(raw(text), { timeoutMs: 5000 })).toEqual(failed("unexpected_answer"));
  });
});
