import { readFile } from "node:fs/promises";

import { Response as Answer } from "miniflare";
import { fetch, ProxyAgent } from "undici";

import type { Fence } from "../fence/index.js";
import type { RuntimeOptions } from "./runtime.js";

/** What the Worker asks the network for goes through the fence, under the names that it asks for. */
export async function throughFence({
  url,
  caFile,
}: Pick<Fence, "url" | "caFile">): Promise<RuntimeOptions["outbound"]> {
  const dispatcher = new ProxyAgent({ uri: url, requestTls: { ca: await readFile(caFile) } });
  return async (request) => {
    const body = request.body === null ? undefined : await request.arrayBuffer();
    const response = await fetch(request.url, {
      dispatcher,
      method: request.method,
      headers: [...request.headers].filter(([name]) => !["content-length", "host"].includes(name)),
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
    });
    const headers = [...response.headers].filter(([name]) => !["content-encoding", "content-length"].includes(name));
    return new Answer(await response.arrayBuffer(), { status: response.status, headers });
  };
}
