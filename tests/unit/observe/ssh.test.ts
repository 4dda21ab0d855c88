/** Proves how long a host may take, and what is said of one that takes longer. Other faults of a login: host.test.ts. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { LIMITS, runOverSsh } from "../../../core/observe/ssh.js";
import { type Agent, startAgent } from "../../../core/seal/agent.js";
import { Secret } from "../../../core/seal/secret.js";
import { sshPair } from "../../support/identities.js";
import { needs } from "../../support/needs.js";
import { answerWith, startSshServer } from "../../support/sshServer.js";

/** A listener that accepts nobody any more. */
const FULL = `const server = require("node:net").createServer().listen(
  { port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;

describe("the time that a host may take", () => {
  const sync = sshPair();
  let agent: Agent;
  before(async () => {
    agent = await startAgent(new Secret(sync.private));
  });
  after(() => agent.close());

  const run = (port: number, hostKey: string, limits: Partial<typeof LIMITS>) =>
    runOverSsh(
      { address: "127.0.0.1", port, user: "sync", hostKey, target: "app", plain: {}, prune: [] },
      "say",
      { SSH_AUTH_SOCK: agent.socket },
      { ...LIMITS, ...limits },
    );

  it("is for the connection alone: a host that is there and slow is waited for", async () => {
    const server = await startSshServer({
      authorized: sync.public,
      onSocket: () => sleep(300),
      onCommand: answerWith("said"),
    });
    assert.deepEqual(await run(server.port, server.hostKey, { connectMs: 100 }), {
      kind: "ran",
      code: 0,
      stdout: "said",
      stderr: "",
    });
    await server.close();
  });

  it("is not spent on asking what may be tried: the key is offered, then used", async () => {
    const server = await startSshServer({ authorized: sync.public });
    await run(server.port, server.hostKey, {});
    assert.deepEqual(server.methods, ["publickey", "publickey"]);
    await server.close();
  });

  it("ends for one that never answers, with a word of its own", async () => {
    const login = await startSshServer({ onSocket: () => sleep(2_000) });
    const command = await startSshServer({ authorized: sync.public, onCommand: () => undefined });
    for (const server of [login, command]) {
      assert.deepEqual(await run(server.port, server.hostKey, { wholeMs: 500 }), { kind: "no answer" });
      await server.close();
    }
  });

  it("is short for a connection that nobody accepts", async function () {
    needs(this, process.platform === "linux", "Linux, whose listeners drop what they cannot hold");
    const child = spawn(process.execPath, ["-e", FULL], { stdio: ["ignore", "pipe", "inherit"] });
    const held: Socket[] = [];
    try {
      const [said] = (await once(child.stdout, "data")) as [Buffer];
      const port = Number(said);
      child.kill("SIGSTOP");
      held.push(...Array.from({ length: 8 }, () => connect(port, "127.0.0.1").on("error", () => undefined)));
      await sleep(200);
      assert.deepEqual(await run(port, sync.public, { connectMs: 200 }), { kind: "no connection" });
    } finally {
      held.forEach((socket) => socket.destroy());
      child.kill("SIGKILL");
    }
  });
});
