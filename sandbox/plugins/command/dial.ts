/** Reaches a host over SSH: attempts with the official plugin's back-off, host identity, ways to authenticate. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import { Failure } from "../wire/failure.js";
import { attempts, type Dialing } from "./attempts.js";
import { credentialsOf, offers, type Credentials } from "./credentials.js";
import type { Connection, Login } from "./run.js";

const milliseconds = 1000;
const address = (login: Login): string => {
  const host = login.host.includes(":") ? `[${login.host}]` : login.host;
  return `${host}:${String(Math.trunc(login.port ?? 22))}`;
};

/** A TCP connection to the host; the time limit counts for this alone, not for the handshake after it. */
function tcp(login: Login): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: login.host, port: Math.trunc(login.port ?? 22), noDelay: true });
    const limit = (login.perDialTimeout ?? 15) * milliseconds;
    const timer =
      limit > 0
        ? setTimeout(() => {
            fail(`dial tcp ${address(login)}: i/o timeout`);
          }, limit)
        : undefined;
    const fail = (text: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Failure(text));
    };
    socket.once("error", (err: NodeJS.ErrnoException) => {
      fail(dialText(err, login));
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

function dialText(err: NodeJS.ErrnoException, login: Login): string {
  if (err.syscall === "getaddrinfo") return `dial tcp: lookup ${login.host}: no such host`;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: "connection refused",
    EHOSTUNREACH: "no route to host",
    ENETUNREACH: "network is unreachable",
    ETIMEDOUT: "connection timed out",
    ECONNRESET: "connection reset by peer",
  };
  return `dial tcp ${address(login)}: connect: ${words[err.code ?? ""] ?? err.code ?? "unknown error"}`;
}

/** The SSH handshake and authentication over an open stream. */
function handshake(sock: Duplex, login: Login, credentials: Credentials): Promise<ssh2.Client> {
  const client = new ssh2.Client();
  const { hostKey } = credentials;
  const offer = offers(login.user ?? "root", credentials);
  let peerOffers = "";
  let mismatch = false;
  return new Promise((resolve, reject) => {
    const fail = (text: string): void => {
      client.removeAllListeners("close");
      client.destroy();
      reject(new Failure(`ssh: handshake failed: ${text}`));
    };
    client.on("ready", () => {
      resolve(
        client
          .removeAllListeners("close")
          .removeAllListeners("error")
          .on("error", () => {}),
      );
    });
    client.on("close", () => {
      fail("EOF");
    });
    client.on("error", (err: Error & { level?: string; code?: string }) => {
      if (err.level === "agent") return; // one identity of the agent failed: others may follow
      if (mismatch) {
        fail("ssh: host key mismatch");
        return;
      }
      if (err.level === "client-authentication") {
        fail(offer.failure());
        return;
      }
      if (err.message.includes("no matching host key format")) {
        fail(`ssh: no common algorithm for host key; we offered: [${hostKey?.type}], peer offered: [${peerOffers}]`);
        return;
      }
      if (err.code === "ECONNRESET") {
        fail("read: connection reset by peer");
        return;
      }
      fail(err.message.includes("Connection lost") ? "EOF" : err.message);
    });
    client.connect({
      sock: sock,
      username: login.user ?? "root",
      readyTimeout: 0,
      authHandler: offer.next as ssh2.AuthHandlerMiddleware,
      hostVerifier: (key: Buffer) => !(mismatch = hostKey !== undefined && !hostKey.blob.equals(key)),
      ...(hostKey === undefined
        ? {}
        : { algorithms: { serverHostKey: [hostKey.type as ssh2.ServerHostKeyAlgorithm] } }),
      // The only line that is read: other lines of this stream may hold secrets.
      debug: (line: string) => {
        const list = /^Handshake: \(remote\) Host key format: (.*)$/.exec(line)?.[1];
        if (list !== undefined) peerOffers = list.replaceAll(",", " ");
      },
    });
  });
}

const errorLimit = (login: Login): number => login.dialErrorLimit ?? 10;

async function throughProxy(
  connection: Connection,
  proxy: Login,
  mine: Credentials,
  dialing: Dialing,
): Promise<Dialed> {
  const theirs = await credentialsOf(proxy);
  const jump = await attempts("Dial proxy", errorLimit(proxy), dialing, async () =>
    handshake(await tcp(proxy), proxy, theirs),
  );
  const limit = errorLimit(connection);
  const stream = await attempts("Dial from proxy", limit, dialing, async () => {
    return new Promise<Duplex>((resolve, reject) => {
      jump.forwardOut("0.0.0.0", 0, connection.host, Math.trunc(connection.port ?? 22), (err, channel) => {
        if (err === undefined) resolve(channel);
        else reject(new Failure(`ssh: rejected: connect failed (${err.message.replace(/^.*failure: /, "")})`));
      });
    });
  });
  // As with the official plugin, all attempts share the one stream: after a failed handshake it is at its end.
  let used = false;
  const client = await attempts("Dial", limit, dialing, () => {
    if (used) return Promise.reject(new Failure("ssh: handshake failed: EOF"));
    used = true;
    return handshake(stream, connection, mine);
  });
  return { client, close: () => void (client.end(), jump.end()) };
}

/** An open connection, and how to end it together with the proxy's. */
export interface Dialed {
  readonly client: ssh2.Client;
  close(): void;
}

/** Connects to the host. What is wrong with the credentials themselves fails at once, before the first attempt. */
export async function dial(connection: Connection, dialing: Dialing): Promise<Dialed> {
  const credentials = await credentialsOf(connection);
  if (connection.proxy !== undefined) {
    try {
      return await throughProxy(connection, connection.proxy, credentials, dialing);
    } catch (err) {
      if (dialing.signal.aborted || !(err instanceof Failure)) throw err;
      throw new Failure(`proxy: ${err.message}`);
    }
  }
  const client = await attempts("Dial", errorLimit(connection), dialing, async () =>
    handshake(await tcp(connection), connection, credentials),
  );
  return { client, close: () => void client.end() };
}
