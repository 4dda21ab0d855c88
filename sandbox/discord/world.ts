/**
 * The emulated Discord, as far as the program tells it something: a webhook of one channel takes messages and lets them be
 * changed. Shapes and limits: discord.com/developers/docs, "Execute Webhook", "Edit Webhook Message", "Embed limits", and
 * "JSON error codes" for its refusals.
 */
import { randomBytes, randomInt } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { type Fault, Faults, type InjectedFault } from "../api/faults.js";

/** A message as the channel shows it. */
export interface Message {
  readonly id: string;
  title: string;
  text: string;
  url: string | undefined;
  /** How often it was changed. */
  edits: number;
}

interface Embed {
  readonly title?: unknown;
  readonly description?: unknown;
  readonly url?: unknown;
}

const TITLE = 256;
const DESCRIPTION = 4096;

/** Makes a Discord with one channel and one webhook. */
export function createDiscord(): DiscordWorld {
  return new DiscordWorld();
}

export class DiscordWorld {
  /** Everything that the channel has got and still shows, oldest first. */
  readonly messages: Message[] = [];
  /** Requests that nothing here answers. A test should end with none. */
  readonly unhandled: { readonly method: string; readonly path: string }[] = [];
  readonly #path = `/api/webhooks/${digits(19)}/${randomBytes(51).toString("base64url")}`;
  readonly #faults = new Faults();

  describe(): string {
    return "Discord webhook: stand-in (emulated on loopback)";
  }

  /** The address of the webhook: whoever has it can write to the channel. */
  get webhook(): string {
    return `https://discord.com${this.#path}`;
  }

  inject(fault: Fault): InjectedFault {
    return this.#faults.inject(fault);
  }

  /** Answers a request for discord.com. Mount it as it is. */
  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = request.method ?? "GET";
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "https://discord.com");
    const fault = this.#faults.take(method, path);
    const body = await jsonOf(request);
    const [status, answer] =
      fault?.status === undefined ? this.#answer(method, path, query, body) : [fault.status, fault.body ?? {}];
    const retry = fault?.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
    response.writeHead(status, { "content-type": "application/json", ...retry });
    response.end(answer === undefined ? "" : JSON.stringify(answer));
  };

  #answer(method: string, path: string, query: URLSearchParams, body: unknown): [number, unknown] {
    if (!path.startsWith(this.#path)) {
      const isWebhook = /^\/api\/webhooks\/\d+\/[^/]+(?:\/messages\/\d+)?$/.test(path);
      if (isWebhook) return [404, { message: "Unknown Webhook", code: 10015 }];
      this.unhandled.push({ method, path });
      return [404, { message: "404: Not Found", code: 0 }];
    }
    const id = /^\/messages\/(\d+)$/.exec(path.slice(this.#path.length))?.[1];
    const embed = embedOf(body);
    if (embed === undefined) {
      return [400, { message: "Invalid Form Body", code: 50035 }];
    }
    if (method === "POST" && path === this.#path) {
      const made = { id: digits(19), ...embed, edits: 0 };
      this.messages.push(made);
      return query.get("wait") === "true" ? [200, { id: made.id, type: 0 }] : [204, undefined];
    }
    const found = this.messages.find((message) => message.id === id);
    if (method === "PATCH" && id !== undefined) {
      if (found === undefined) return [404, { message: "Unknown Message", code: 10008 }];
      Object.assign(found, embed, { edits: found.edits + 1 });
      return [200, { id, type: 0 }];
    }
    this.unhandled.push({ method, path: "(the webhook)" });
    return [405, { message: "405: Method Not Allowed", code: 0 }];
  }
}

/** The one embed of a message, when it is one that Discord takes. */
function embedOf(body: unknown): Pick<Message, "title" | "text" | "url"> | undefined {
  const [embed] = (body as { embeds?: readonly Embed[] } | undefined)?.embeds ?? [];
  const { title, description, url } = embed ?? {};
  const fits = (text: unknown, most: number): text is string =>
    typeof text === "string" && text !== "" && text.length <= most;
  return fits(title, TITLE) && fits(description, DESCRIPTION)
    ? { title, text: description, url: typeof url === "string" ? url : undefined }
    : undefined;
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return request.headers["content-type"]?.startsWith("application/json") === true
      ? (JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown)
      : undefined;
  } catch {
    return undefined;
  }
}

const digits = (count: number): string =>
  Array.from({ length: count }, (_, at) => String(at === 0 ? 1 + randomInt(9) : randomInt(10))).join("");
