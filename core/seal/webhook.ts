import type { Get } from "../observe/http.js";
import { open, type Secret } from "./secret.js";

/** A channel that can be told something, and whose messages can be changed. The address stays in here: it is a credential. */
export interface Channel {
  /** Sends a message; gives its id, or `undefined` when the channel did not take it. */
  send(message: object): Promise<string | undefined>;
  /** Puts another text in the place of a message that was sent. Whether the channel took it. */
  replace(id: string, message: object): Promise<boolean>;
}

/** A webhook of Discord: discord.com/developers/docs, "Execute Webhook" (`wait` makes it answer the message), "Edit Webhook Message". */
export function openChannel(webhook: Secret, post: Get, patch: Get): Channel {
  return {
    async send(message) {
      const answer = await post(`${open(webhook)}?wait=true`, {}, message);
      const id = answer.ok ? (answer.body as { id?: unknown } | undefined)?.id : undefined;
      return typeof id === "string" && /^\d{1,20}$/.test(id) ? id : undefined;
    },
    async replace(id, message) {
      const answer = await patch(`${open(webhook)}/messages/${id}`, {}, message);
      return answer.ok;
    },
  };
}
