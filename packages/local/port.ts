import { createServer } from "node:net";

/** The wanted port, or the next one up that nobody listens on. Somebody else may still take it first. */
export async function freePort(from: number): Promise<number> {
  for (let port = from; port < Math.min(from + 200, 65_536); port++) {
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port from ${from} on.`);
}

// One address after the other: a listener on 127.0.0.1 alone would go unnoticed by a look at :: alone.
async function isFree(port: number): Promise<boolean> {
  for (const host of ["127.0.0.1", "0.0.0.0", "::1", "::"]) {
    if (!(await canListen(port, host))) return false;
  }
  return true;
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    // A machine without IPv6 has no such address, and so nobody on it.
    server.once("error", ({ code }: NodeJS.ErrnoException) =>
      answer(code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT"),
    );
    server.listen({ port, host, ipv6Only: host.includes(":") }, () => server.close(() => answer(true)));
  });
}
