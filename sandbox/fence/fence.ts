/**
 * The fence: a forward proxy on loopback through which every client of the sandbox goes. Emulated hosts are answered
 * in this process, loopback is passed through, everything else is refused and remembered. It never opens a
 * connection to anything but a loopback address and never looks up a name.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { decide, normalizeHostname, parseAbsoluteForm, parseAuthority, type Authority } from "./authority.js";
import { createCertificateAuthority } from "./certificates.js";
import { connectLoopback, forward, join } from "./loopback.js";
import { createRefusals, printable, type Refusal } from "./refusals.js";
import { createTermination } from "./termination.js";
import { writeTrust } from "./trust.js";

/** Answers the requests for one emulated host; `req.url` is always the path (origin form). */
export type RouteHandler = (req: http.IncomingMessage, res: http.ServerResponse) => void | Promise<void>;

/** What a fence is made of. */
export interface FenceOptions {
  /** The emulated hosts by name. They answer on 443 (TLS) and 80. */
  routes: Record<string, RouteHandler>;
  /** Folder for the two PEM files; made when missing. */
  caDir: string;
  host?: "127.0.0.1" | "::1";
  /** 0, the default: any free port. */
  port?: number;
  /** Called once for each refused request. */
  onRefused?: (refusal: Refusal) => void;
  /** Called with what a route handler threw; the client gets a 500. */
  onError?: (error: unknown, host: string) => void;
  /** The clock of the refusals' times. */
  now?: () => Date;
}

/** A running fence. */
export interface Fence {
  /** For HTTPS_PROXY and HTTP_PROXY: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** PEM: the fence's authority only. */
  readonly caFile: string;
  /** PEM: the authority and the public roots. */
  readonly bundleFile: string;
  /** Everything refused so far, oldest first. */
  readonly refused: Refusal[];
  /** A line for people: what this is and what it answers for. */
  describe(): string;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/** An idle connection outlives the clients' own limits (Go 90 s), so that no request meets a closing one. */
const IDLE_MS = 120_000;

/** Starts a fence. Fails when a route's name is not a host name, or is a loopback name. */
export async function startFence(options: FenceOptions): Promise<Fence> {
  const routes = new Map(Object.entries(options.routes).map(([name, handler]) => [routable(name), handler]));
  const names = new Set(routes.keys());
  const refusals = createRefusals(options.onRefused, options.now ?? (() => new Date()));
  const authority = createCertificateAuthority();
  const termination = createTermination(authority);
  const open = new Set<Duplex>();
  const targetOf = new WeakMap<Duplex, string>();
  let ownPort = 0;

  const track = (socket: Duplex): void => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  };

  const verdict = (target: Authority, scheme: "http" | "https"): ReturnType<typeof decide> => {
    const answer = decide(target, scheme, names);
    return answer.kind === "loopback" && answer.port === ownPort
      ? { kind: "refuse", reason: "it is the fence itself" }
      : answer;
  };

  const answer = async (host: string, req: http.IncomingMessage, res: http.ServerResponse): Promise<void> => {
    try {
      await routes.get(host)?.(req, res);
    } catch (error) {
      if (req.socket.destroyed) return; // the client went away: its own doing, no mistake of the stand-in
      options.onError?.(error, host);
      if (res.headersSent) res.destroy();
      else res.writeHead(500, { "content-type": "text/plain" }).end(`the stand-in for ${host} failed\n`);
    }
  };

  // Requests inside a CONNECT to an emulated host.
  const inner = http.createServer({ keepAliveTimeout: IDLE_MS }, (req, res) => {
    const host = targetOf.get(req.socket) ?? "";
    const target = `https://${host}:443`;
    const url = req.url ?? "";
    const absolute = url.startsWith("/") ? undefined : parseAbsoluteForm(url, "https");
    if (!hostHeaderIs(req, { host, port: 443, kind: "name" }, 443)) {
      return refusals.http(res, target, "the Host header names another host than the CONNECT did");
    }
    if (absolute) {
      if (absolute.authority.host !== host || absolute.authority.port !== 443) {
        return refusals.http(res, target, "the request line names another host than the CONNECT did");
      }
      req.url = absolute.path;
    } else if (!url.startsWith("/")) {
      return refusals.http(res, target, "the request line has no path");
    }
    void answer(host, req, res);
  });
  inner.on("connect", (_req, socket) => refusals.raw(socket, "CONNECT", "a CONNECT inside a CONNECT"));
  inner.on("clientError", badRequest);

  // The proxy itself: plain requests ...
  const outer = http.createServer({ keepAliveTimeout: IDLE_MS }, (req, res) => {
    const url = req.url ?? "";
    const absolute = parseAbsoluteForm(url, "http");
    if (!absolute) {
      const origin = url.startsWith("/") || url === "*";
      return refusals.http(
        res,
        origin ? "the fence itself" : url,
        origin ? "this is a proxy, not a server" : "not a target that is understood",
      );
    }
    const target = absolute.authority;
    const label = `http://${written(target)}`;
    if (!hostHeaderIs(req, target, 80)) {
      return refusals.http(res, label, "the Host header names another host than the request line");
    }
    const decision = verdict(target, "http");
    if (decision.kind === "refuse") return refusals.http(res, label, decision.reason);
    if (decision.kind === "route") {
      req.url = absolute.path;
      return void answer(decision.host, req, res);
    }
    forward(req, res, { ...decision, path: absolute.path }, track).catch(() => {
      if (res.headersSent) res.destroy();
      else res.writeHead(502, { "content-type": "text/plain" }).end(`${label} did not answer\n`);
    });
  });

  // ... and CONNECT.
  outer.on("connect", (req, socket, head) => {
    socket.on("error", () => socket.destroy());
    const raw = req.url ?? "";
    const target = parseAuthority(raw);
    if (!target) return refusals.raw(socket, raw, "not a target that is understood");
    const decision = verdict(target, "https");
    if (decision.kind === "refuse") return refusals.raw(socket, written(target), decision.reason);
    if (decision.kind === "route") {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      if (head.length > 0) socket.unshift(head);
      const mismatch = (name: string): void =>
        refusals.note(`${decision.host}:443`, `TLS names another host (${printable(name)})`);
      const ready = (secure: Duplex): void => {
        targetOf.set(secure, decision.host);
        inner.emit("connection", secure);
      };
      track(termination.accept(socket, decision.host, ready, mismatch));
      return;
    }
    connectLoopback(decision.addresses, decision.port).then(
      (onward) => {
        track(onward);
        if (socket.destroyed) return onward.destroy();
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        if (head.length > 0) socket.unshift(head);
        join(socket, onward);
      },
      () => socket.end("HTTP/1.1 502 Nothing listens there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    );
  });
  outer.on("clientError", badRequest);
  outer.on("connection", track);

  await new Promise<void>((resolve, reject) => {
    outer.once("error", reject);
    outer.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  ownPort = (outer.address() as AddressInfo).port;
  const files = writeTrust(options.caDir, authority.certificate);
  const url = `http://${options.host === "::1" ? "[::1]" : "127.0.0.1"}:${ownPort}`;

  return {
    url,
    ...files,
    refused: refusals.list,
    describe: () =>
      `Fence: forward proxy at ${url}; emulated: ${[...names].sort().join(", ") || "nothing"}; all else refused`,
    async close() {
      const closed = new Promise<void>((resolve) => outer.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function routable(name: string): string {
  const host = normalizeHostname(name);
  if (host === undefined || host === "localhost") throw new Error(`not a host name that can be emulated: ${name}`);
  return host;
}

const written = (target: Authority): string =>
  `${target.kind === "ipv6" ? `[${target.host}]` : target.host}:${target.port}`;

/** One Host header, and it names the target. */
function hostHeaderIs(req: http.IncomingMessage, target: Authority, defaultPort: number): boolean {
  const all = req.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  const named = parseAuthority(req.headers.host ?? "", defaultPort);
  return all.length === 1 && named?.host === target.host && named.port === target.port;
}

function badRequest(_error: Error, socket: Duplex): void {
  if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  else socket.destroy();
}
