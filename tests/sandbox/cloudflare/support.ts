/** An emulated Cloudflare behind a plain loopback server, and the vendor's own client for it. */
import http from "node:http";
import type { AddressInfo } from "node:net";

import Cloudflare from "cloudflare";

import { type CloudflareOptions, type CloudflareWorld, createCloudflare } from "../../../sandbox/cloudflare/index.js";

export const ZONE = "example.test";

export interface Api {
  readonly world: CloudflareWorld;
  readonly url: string;
  readonly zoneId: string;
  /** The vendor's client (npm `cloudflare`) with a token's value. It repeats nothing, so that a test sees each answer. */
  client(value: string): Cloudflare;
  close(): Promise<void>;
}

/** Starts a Cloudflare with the zone {@link ZONE} and another one. */
export async function startApi(options: CloudflareOptions = {}): Promise<Api> {
  const world = createCloudflare(options);
  const { id: zoneId } = world.addZone(ZONE);
  world.addZone("other.test");
  const server = http.createServer((request, response) => void world.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/client/v4`;
  return {
    world,
    url,
    zoneId,
    client: (value) => new Cloudflare({ apiToken: value, baseURL: url, maxRetries: 0 }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Status and codes of the API's refusal; fails when the call is not refused. */
export async function refusal(call: Promise<unknown>): Promise<{ status: number | undefined; codes: number[] }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Cloudflare.APIError) {
      const errors = error.errors as { code: number; error_chain?: { code: number }[] }[];
      return {
        status: error.status,
        codes: errors.flatMap((one) => [one.code, ...(one.error_chain ?? []).map(({ code }) => code)]),
      };
    }
    throw error;
  }
  throw new Error("the call was not refused");
}
