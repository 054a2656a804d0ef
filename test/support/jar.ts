type Cookie = {
  name: string;
  value: string;
  host: string;
  path: string;
  secure: boolean;
  sameSite: string;
  until: number;
};

/** Cookies as a browser keeps them: by host and path, whatever the port. */
export type Jar = {
  keep(url: URL, lines: readonly string[]): void;
  /** The header for a request; from another site only those that allow it. */
  header(url: URL, from?: { crossSite: boolean; method: string; top: boolean }): string;
  get(name: string): string | undefined;
  set(url: string, name: string, value: string): void;
};

export function makeJar(): Jar {
  let cookies: Cookie[] = [];

  function put(cookie: Cookie): void {
    const { name, host, path } = cookie;
    cookies = cookies.filter((one) => !(one.name === name && one.host === host && one.path === path));
    if (cookie.until > Date.now()) cookies.push(cookie);
  }

  return {
    keep(url, lines) {
      for (const line of lines) put(read(url, line));
    },
    header(url, { crossSite, method, top } = { crossSite: false, method: "GET", top: true }) {
      const fits = (cookie: Cookie) =>
        cookie.host === url.hostname &&
        covers(cookie.path, url.pathname) &&
        (!cookie.secure || url.protocol === "https:" || isLocal(url)) &&
        (!crossSite || cookie.sameSite === "none" || (cookie.sameSite === "lax" && method === "GET" && top));
      return cookies
        .filter(fits)
        .map(({ name, value }) => `${name}=${value}`)
        .join("; ");
    },
    get: (name) => cookies.find((cookie) => cookie.name === name)?.value,
    set: (url, name, value) => put(read(new URL(url), `${name}=${value}; path=/`)),
  };
}

function read(url: URL, line: string): Cookie {
  const [pair = "", ...rest] = line.split(/;\s*/);
  const attributes = new Map(
    rest.map((text) => [text.split("=")[0]?.toLowerCase() ?? "", text.slice(text.indexOf("=") + 1)]),
  );
  const maxAge = attributes.get("max-age");
  const expires = attributes.get("expires");
  return {
    name: pair.slice(0, pair.indexOf("=")),
    value: pair.slice(pair.indexOf("=") + 1),
    host: url.hostname,
    path: attributes.get("path") ?? (url.pathname.replace(/\/[^/]*$/, "") || "/"),
    secure: attributes.has("secure"),
    sameSite: attributes.get("samesite")?.toLowerCase() ?? "lax",
    until: maxAge ? Date.now() + Number(maxAge) * 1000 : expires ? Date.parse(expires) : Number.POSITIVE_INFINITY,
  };
}

const covers = (path: string, asked: string) =>
  asked === path || asked.startsWith(path.endsWith("/") ? path : `${path}/`);

/** Browsers trust the machine itself as they trust https. */
const isLocal = ({ hostname }: URL) => ["localhost", "127.0.0.1"].includes(hostname);
