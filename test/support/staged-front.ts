import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { authorized } from "./credential.ts";
import { afterwards } from "./programs.ts";

/**
 * Stands before a server as a portal's own host does: where a session is given for a key, the call goes on with the cookie that a
 * browser has. So what is written for a key runs to the letter for a person, too. Answers with its address; gone after the test.
 */
export async function frontOf(url: string): Promise<string> {
  const server = createServer((asked, answer) => {
    const { authorization, host, ...others } = asked.headers;
    const credential = authorization?.replace(/^Bearer /, "") ?? null;
    const headers = { ...others, ...authorized(credential) };
    const sent = request(new URL(asked.url ?? "/", url), { method: asked.method, headers }, (said) => {
      answer.writeHead(said.statusCode ?? 500, said.headers);
      said.pipe(answer);
    });
    sent.on("error", () => answer.destroy());
    answer.on("close", () => sent.destroy());
    asked.pipe(sent);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterwards(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
