/**
 * `npm run bench:gateway`: what the gateway adds to a call. Each call is made twice in turns on one connection: through the
 * gateway, and straight to the same stand-in of Cloudflare's API; all of it in one workerd, so that what else the machine
 * does falls on both. The difference is the Worker's own work: reading, verifying (RS256), the policy, the record in the log
 * and one more hop. The way from GitHub's runner to Cloudflare's edge, and from there to its API, is not measured.
 * Exit codes: 0, 2 usage.
 */
import http from "node:http";
import { parseArgs } from "node:util";

import { Miniflare } from "miniflare";

import { endWith } from "./end.js";
import { bundleGateway } from "../gateway/bundle.js";
import { COMPATIBILITY_DATE, CREDENTIAL_BINDING, MAIN_MODULE, POLICY_BINDING } from "../gateway/names.js";
import { createIssuer } from "../sandbox/oidc/issuer.js";
import { percentile } from "./statistics.js";

const WARM_UPS = 200;
const CALLS = 2_000;
const HOST = "dns-gateway.example.com";
const ZONE = "0".repeat(32);
const JOB = { repository: "radieu/p24-infra", repositoryId: 700_001, ownerId: 9001 };
const POLICY = {
  hosts: [HOST],
  audience: `https://${HOST}`,
  ownerId: "9001",
  zone: { id: ZONE, name: "example.com" },
  callers: [
    {
      repositoryId: "700001",
      refs: ["refs/heads/main"],
      workflows: ["radieu/p24-infra/.github/workflows/dns.yml@refs/heads/main"],
      events: ["push"],
    },
  ],
};

/** `x-to: api` goes straight to the API's stand-in, anything else through the gateway. */
const EDGE = `export default {
  fetch(request, { API, GATEWAY }) {
    const to = request.headers.get("x-to") === "api" ? API : GATEWAY;
    return to.fetch(request.url.replace(/^http:/, "https:"), request);
  },
};`;
const WORLD = `export default {
  fetch(request, { KEYS }) {
    return request.url.endsWith("/.well-known/jwks")
      ? Response.json(KEYS)
      : Response.json({ success: true, errors: [], messages: [], result: { id: "${"1".repeat(32)}", type: "A" } });
  },
};`;

interface Side {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Result {
  readonly calls: number;
  readonly direct: Side;
  readonly gateway: Side;
  /** Of the differences of each pair of calls. */
  readonly added: Side;
}

async function measure(calls: number): Promise<Result> {
  const issuer = createIssuer();
  const { script } = await bundleGateway();
  const common = { compatibilityDate: COMPATIBILITY_DATE };
  const miniflare = new Miniflare({
    cf: false,
    handleStructuredLogs: () => undefined,
    workers: [
      {
        ...common,
        name: "edge",
        modules: true,
        script: EDGE,
        serviceBindings: { API: "world", GATEWAY: "gateway" },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      },
      {
        ...common,
        name: "gateway",
        modules: [{ type: "ESModule", path: MAIN_MODULE, contents: script }],
        bindings: { [POLICY_BINDING]: POLICY, [CREDENTIAL_BINDING]: "0".repeat(40) },
        outboundService: "world",
      },
      { ...common, name: "world", modules: true, script: WORLD, bindings: { KEYS: issuer.jwks() as never } },
    ],
  });
  await miniflare.ready;
  const { hostname, port } = await miniflare.unsafeGetDirectURL("edge");
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const authorization = `Bearer ${issuer.sign(issuer.claimsOf(JOB, POLICY.audience))}`;
  const call = (to: string) =>
    new Promise<number>((resolve, reject) => {
      const from = performance.now();
      const headers = { host: HOST, authorization, "x-to": to };
      const request = http.request(
        { agent, host: hostname, port, path: `/client/v4/zones/${ZONE}/dns_records`, headers },
        (response) => {
          response.resume().on("end", () => {
            if (response.statusCode === 200) {
              resolve(performance.now() - from);
            } else {
              reject(new Error(`the gateway answered ${String(response.statusCode)}`));
            }
          });
        },
      );
      request.on("error", reject).end();
    });
  const direct: number[] = [];
  const gateway: number[] = [];
  try {
    for (let round = -WARM_UPS; round < calls; round += 1) {
      const pair = [await call("api"), await call("gateway")] as const;
      if (round >= 0) {
        direct.push(pair[0]);
        gateway.push(pair[1]);
      }
    }
  } finally {
    agent.destroy();
    await miniflare.dispose();
  }
  const side = (times: readonly number[]) => ({ p50Ms: percentile(times, 50), p99Ms: percentile(times, 99) });
  const added = gateway.map((time, index) => time - (direct[index] ?? Number.NaN));
  return { calls, direct: side(direct), gateway: side(gateway), added: side(added) };
}

function table({ calls, direct, gateway, added }: Result): string {
  const row = (title: string, { p50Ms, p99Ms }: Side) =>
    title.padEnd(34) + [p50Ms, p99Ms].map((ms) => `${ms.toFixed(2)} ms`.padStart(12)).join("");
  return [
    `${`${String(calls)} pairs of calls, in workerd`.padEnd(34)}${"p50".padStart(12)}${"p99".padStart(12)}`,
    row("straight to the API's stand-in", direct),
    row("through the gateway", gateway),
    row("added, of each pair", added),
  ].join("\n");
}

async function main(): Promise<number> {
  try {
    const { values } = parseArgs({ options: { json: { type: "boolean" }, calls: { type: "string" } } });
    const calls = Number(values.calls ?? CALLS);
    if (!Number.isInteger(calls) || calls < 1) {
      throw new RangeError();
    }
    const result = await measure(calls);
    process.stdout.write(`${values.json === true ? JSON.stringify(result) : table(result)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) {
      process.stderr.write("usage: npm run bench:gateway -- [--json] [--calls N]\n");
      return 2;
    }
    throw error;
  }
}

endWith(main());
