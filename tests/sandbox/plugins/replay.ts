/** Replays one case of a conformance table against a running plugin and gives the answer in the table's form. */
import * as provider from "@pulumi/pulumi/proto/provider_pb.js";
import type * as grpc from "@grpc/grpc-js";
import { ask, type RunningPlugin } from "./harness.js";
import { constants, Names } from "./names.js";
import { send, struct, type Request } from "./send.js";
import { startAgent } from "./sshAgent.js";
import { startSshHost, type HostOptions } from "./sshHost.js";
import { identities } from "./sshIdentities.js";
import type { Plain } from "./wire.js";

type Props = { [name: string]: Plain };

/** A request of the command plugin's tables, and what it needs around it. */
export interface Case extends Request {
  readonly it: string;
  /** What the engine says in Configure; engines since October 2023 send old inputs. */
  readonly sendsOldInputs?: boolean;
  readonly host?: HostOptions;
  /** Starts an agent: its socket is $AGENT, and SSH_AUTH_SOCK when `env`. */
  readonly agent?: "path" | "env";
  readonly agentHolds?: "client" | "stranger";
  /** What the official plugin answered. */
  readonly answer: Plain;
  /** Where the stand-in differs on purpose: its answer, and the reason. */
  readonly standIn?: Plain;
  readonly why?: string;
}

/** A connection that the other side closed ends as end of file or as a reset, as it happens. */
const withoutAccidents = (text: string): string =>
  text.replace(/(EOF|read( tcp \S+)?: (read: )?connection reset by peer)$/, "$LOST");

/** The end of a new id is random. */
const withoutChance = (answer: Props): Props =>
  typeof answer["id"] === "string" ? { ...answer, id: answer["id"].replace(/[0-9a-f]{8}$/, "$HEX") } : answer;

/** Starts what the case needs, sends its request, and returns answer, engine log and what the host saw. */
export async function replay(c: Case, start: (env: NodeJS.ProcessEnv) => Promise<RunningPlugin>): Promise<Plain> {
  const host = c.host === undefined ? undefined : await startSshHost(c.host);
  const agent = c.agent === undefined ? undefined : await startAgent(identities[c.agentHolds ?? "client"].private);
  const names = new Names(constants);
  if (host !== undefined) names.set("$PORT", host.port);
  if (agent !== undefined) names.set("$AGENT", agent.socket);
  const plugin = await start(c.agent === "env" ? { SSH_AUTH_SOCK: agent?.socket } : {});
  try {
    const configure = new provider.ConfigureRequest().setArgs(struct({})).setAcceptsecrets(true);
    configure.setSendsOldInputs(c.sendsOldInputs ?? true).setSendsOldInputsToDelete(c.sendsOldInputs ?? true);
    await ask<typeof configure, provider.ConfigureResponse>((q, done) => plugin.client.configure(q, done), configure);
    const from = plugin.logs.length;
    const filled = names.in(c as unknown as Plain) as unknown as Case;
    const urn = `urn:pulumi:test::p24::${c.type ?? "command:remote:Command"}::job`;
    const answer = (await send(plugin, filled, urn).catch((err: unknown) => {
      const { details, code } = err as grpc.ServiceError;
      return { error: withoutAccidents(details), code };
    })) as Props;
    const logs = plugin.logs.slice(from).map((l) => `${l.severity}${l.status ? " status" : ""}: ${l.message}`);
    return names.out({
      ...(c.call === "create" ? withoutChance(answer) : answer),
      ...(logs.length === 0 ? {} : { logs }),
      ...(host === undefined ? {} : { seen: host.seen as unknown as Plain, dials: host.dials.length }),
      ...(host === undefined || host.users.length === 0 ? {} : { users: host.users }),
    });
  } finally {
    await agent?.close();
    await host?.close();
  }
}
