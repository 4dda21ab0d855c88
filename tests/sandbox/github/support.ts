/** A world behind a plain loopback server, and a client that says who it is. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import sodium from "libsodium-wrappers";
import { createGitHub, type GitHubOptions, type GitHubWorld } from "../../../sandbox/github/index.js";

export interface Answer {
  status: number;
  headers: Headers;
  // The tests read single fields of many shapes; the shapes themselves are held by the compiler.
  json: any;
}

export interface Api {
  world: GitHubWorld;
  url: string;
  call(
    method: string,
    path: string,
    options?: { as?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** A value sealed for a repository of `acme`, as a PUT takes it. */
  seal(repo: string, value: string | Uint8Array): Promise<{ encrypted_value: string; key_id: string }>;
  close(): Promise<void>;
}

/** Starts a world with `acme/infra` (private) and `acme/site` (public). `admin` administers both. */
export async function startApi(options: GitHubOptions = {}): Promise<Api> {
  const world = createGitHub(options);
  world.addRepository({
    owner: "acme",
    name: "infra",
    collaborators: { admin: "admin", writer: "write", reader: "read" },
  });
  world.addRepository({ owner: "acme", name: "site", private: false, collaborators: { admin: "admin" } });
  const server = http.createServer((request, response) => void world.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const insider = world.issueClassic("admin").value;

  const call: Api["call"] = async (method, path, { as, body, headers } = {}) => {
    const response = await fetch(path.startsWith("http") ? path : url + path, {
      method,
      redirect: "manual",
      headers: { "user-agent": "tests", ...(as ? { authorization: `Bearer ${as}` } : {}), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text === "" ? undefined : JSON.parse(text) };
  };

  return {
    world,
    url,
    call,
    async seal(repo, value) {
      await sodium.ready;
      const { json } = await call("GET", `/repos/acme/${repo}/actions/secrets/public-key`, { as: insider });
      const sealed = sodium.crypto_box_seal(value, Buffer.from(json.key as string, "base64"));
      return { encrypted_value: Buffer.from(sealed).toString("base64"), key_id: json.key_id as string };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A clock that stands until it is moved. */
export function clockAt(iso: string): { now: () => Date; forward(milliseconds: number): void } {
  let at = Date.parse(iso);
  return {
    now: () => new Date(at),
    forward(milliseconds) {
      at += milliseconds;
    },
  };
}
