/** An SSH agent on a Unix socket that holds one identity, for tests of agent authentication. */
import { createServer, type Socket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2, { type ParsedKey } from "ssh2";

/** A running agent; `signed` counts the signatures it gave. */
export interface TestAgent {
  readonly socket: string;
  readonly signed: () => number;
  close(): Promise<void>;
}

/** Starts an agent that holds the private part `identity` (OpenSSH text). */
export async function startAgent(identity: string): Promise<TestAgent> {
  const own = ssh2.utils.parseKey(identity) as ParsedKey;
  const dir = await mkdtemp(join(tmpdir(), "p24-agent-"));
  const socket = join(dir, "agent.sock");
  let signed = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    client.on("error", () => {});
    const protocol = new ssh2.AgentProtocol(false);
    protocol.on("identities", (request) => {
      protocol.getIdentitiesReply(request, [own]);
    });
    protocol.on("sign", (request, _public, data) => {
      signed++;
      protocol.signReply(request, own.sign(data));
    });
    client.pipe(protocol).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    signed: () => signed,
    async close() {
      for (const client of sockets) client.destroy();
      await new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
      await rm(dir, { recursive: true, force: true });
    },
  };
}
