/**
 * The gateway's Worker in the real runtime (workerd, as miniflare brings it), on loopback. Only the network around it is not
 * Cloudflare's: in front stands a Worker that ends TLS in the edge's place, and what the gateway asks for is handed to
 * `outbound`. Its code and its addresses are the ones that are deployed.
 */
import http from "node:http";

import { Miniflare, Response as Answer, type Request as Asked } from "miniflare";

import { bundleGateway } from "../../gateway/bundle.js";
import { COMPATIBILITY_DATE, CREDENTIAL_BINDING, MAIN_MODULE, POLICY_BINDING } from "../../gateway/names.js";

export interface RuntimeOptions {
  /** The Worker's script; the one that this checkout makes unless told. */
  readonly script?: string;
  /** The policy's document. */
  readonly policy: unknown;
  /** The zone's credential. */
  readonly credential: string;
  /** Answers what the Worker asks the network for. */
  readonly outbound: (request: Asked) => Promise<Answer> | Answer;
  /** Gets each line that the Worker logs. */
  readonly log: (line: string) => void;
}

/** What a client gets. */
export interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A request as bytes on the wire: nothing is normalized. */
export interface Sent {
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface Runtime {
  /** Sends a request as an edge with TLS would hand it on. */
  send(request: Sent): Promise<Reply>;
  /** Forgets all that the Worker has in memory, as a new isolate does. */
  restart(options?: Partial<Pick<RuntimeOptions, "policy" | "credential">>): Promise<void>;
  /** Lets a request and its answer through from a server of ours. */
  readonly handle: http.RequestListener;
  close(): Promise<void>;
}

/**
 * Ends TLS: hands on each request as it is, under https. `x-edge-scheme: http` is a client without TLS. A request with
 * `x-edge-caller: NAME` is given up as soon as another one says `x-edge-gone: NAME`: its caller has gone.
 */
const EDGE = `const gone = new Set();
export default {
  async fetch(request, { GATEWAY }) {
    const headers = new Headers(request.headers);
    const [scheme, caller, left] = ["scheme", "caller", "gone"].map((name) => {
      const value = headers.get("x-edge-" + name);
      headers.delete("x-edge-" + name);
      return value;
    });
    if (left !== null) {
      gone.add(left);
      return new Response(null, { status: 204 });
    }
    const abort = new AbortController();
    const answer = GATEWAY.fetch(scheme === "http" ? request.url : request.url.replace(/^http:/, "https:"), {
      method: request.method, headers, body: request.body, redirect: "manual", signal: abort.signal,
    });
    if (caller === null) {
      return answer;
    }
    answer.catch(() => undefined);
    while (!gone.has(caller)) {
      await scheduler.wait(10);
    }
    abort.abort();
    return new Response(null, { status: 204 });
  },
};`;

/** workerd closes a connection that is idle for five seconds; ours go first, so that no request meets a closing one. */
const IDLE_MS = 2_000;

const openAgent = () => new http.Agent({ keepAlive: true, maxSockets: 64, timeout: IDLE_MS });

/** Starts the Worker. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const script = options.script ?? (await bundleGateway()).script;
  let settings = options;
  const miniflareOptions = () => ({
    cf: false as const,
    handleStructuredLogs: ({ message }: { message: string }) => {
      options.log(message);
    },
    workers: [
      {
        name: "edge",
        modules: true,
        script: EDGE,
        compatibilityDate: COMPATIBILITY_DATE,
        serviceBindings: { GATEWAY: "gateway" },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      },
      {
        name: "gateway",
        modules: [{ type: "ESModule" as const, path: MAIN_MODULE, contents: script }],
        compatibilityDate: COMPATIBILITY_DATE,
        bindings: { [POLICY_BINDING]: settings.policy as never, [CREDENTIAL_BINDING]: settings.credential },
        outboundService: options.outbound,
      },
    ],
  });
  const miniflare = new Miniflare(miniflareOptions());
  await miniflare.ready;
  let address = await miniflare.unsafeGetDirectURL("edge");
  let agent = openAgent();

  const request = (sent: Sent, answered: (response: http.IncomingMessage) => void) =>
    http.request(
      {
        // A body that the Worker has no need to read ends its connection.
        agent: sent.body === undefined ? agent : false,
        host: address.hostname,
        port: address.port,
        method: sent.method ?? "GET",
        path: sent.path,
        ...(sent.headers === undefined ? {} : { headers: sent.headers }),
      },
      answered,
    );

  return {
    send: (sent) =>
      new Promise((resolve, reject) => {
        const outgoing = request(sent, (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("error", reject);
          response.on("end", () => {
            const text = Buffer.concat(parts).toString();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
          });
        });
        outgoing.on("error", reject);
        outgoing.end(sent.body);
      }),
    async restart(changes = {}) {
      settings = { ...settings, ...changes };
      await miniflare.setOptions(miniflareOptions());
      address = await miniflare.unsafeGetDirectURL("edge");
      agent.destroy();
      agent = openAgent();
    },
    handle: (incoming, outgoing) => {
      const { method = "GET", url = "/", headers } = incoming;
      const onward = request({ method, path: url, headers }, (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
      });
      onward.on("error", () => outgoing.destroy());
      incoming.pipe(onward);
    },
    async close() {
      agent.destroy();
      await miniflare.dispose();
    },
  };
}
