/**
 * A session channel whose environment is set with an answer from the server. ssh2's own `exec({ env })` sends
 * variables without asking for an answer, so one that AcceptEnv refuses would go unnoticed; the few internals that are
 * used instead are those of ssh2 1.17.0, which package.json pins.
 */
import type { Client, ClientChannel } from "ssh2";
import { Failure } from "../wire/failure.js";

type Channel = Omit<ClientChannel, "allowHalfOpen" | "subtype"> & {
  _callbacks: ((failed: unknown) => void)[];
  allowHalfOpen: boolean;
  subtype: string;
  outgoing: { id: number; state: string };
};
interface Internals {
  _chanMgr: { add(opened: unknown): number };
  _protocol: {
    session(channel: number, window: number, packet: number): void;
    env(channel: number, name: string, value: string, wantReply: boolean): void;
    exec(channel: number, command: string, wantReply: boolean): void;
  };
}

const windowSize = 2 * 1024 * 1024;
const packetSize = 32 * 1024;

/** An open session. The answers tell whether the server agreed. */
export interface SshSession {
  readonly channel: ClientChannel;
  setEnv(name: string, value: string): Promise<boolean>;
  exec(command: string): Promise<boolean>;
}

/** Opens a session channel on a connected client. */
export async function openSession(client: Client): Promise<SshSession> {
  const { _chanMgr: channels, _protocol: protocol } = client as unknown as Internals;
  const channel = await new Promise<Channel>((resolve, reject) => {
    const opened = Object.assign(
      (err: Error | undefined, open: Channel) => {
        if (err === undefined) {
          resolve(open);
          return;
        }
        const { reason } = err as Error & { reason?: string };
        const text = err.message.replace(/^.*failure: /, "");
        reject(new Failure(`ssh: rejected: ${(reason ?? "unknown").toLowerCase().replaceAll("_", " ")} (${text})`));
      },
      { type: "session" },
    );
    protocol.session(channels.add(opened), windowSize, packetSize);
  });
  const agreed = (send: (id: number) => void): Promise<boolean> =>
    new Promise((resolve) => {
      if (channel.outgoing.state !== "open") {
        resolve(false);
        return;
      }
      channel._callbacks.push((failed) => {
        resolve(failed === false);
      });
      send(channel.outgoing.id);
    });
  return {
    channel: channel as unknown as ClientChannel,
    setEnv: (name, value) =>
      agreed((id) => {
        protocol.env(id, name, value, true);
      }),
    exec: (command) => {
      channel.subtype = "exec";
      channel.allowHalfOpen = true;
      return agreed((id) => {
        protocol.exec(id, command, true);
      });
    },
  };
}
