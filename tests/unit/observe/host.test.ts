/**
 * Proves the exact sentence for each way in which a host cannot be asked, and that a host which can is asked once, with
 * the protocol's words. The server is ssh2's on loopback; OpenSSH and the real host program are proved in the lab.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import ssh2 from "ssh2";

import { renderFault } from "../../../core/fault.js";
import type { HostSettings } from "../../../core/model/settings.js";
import { observeHost } from "../../../core/observe/host.js";
import { type Agent, startAgent } from "../../../core/seal/agent.js";
import { Secret } from "../../../core/seal/secret.js";
import { temporaryFolder } from "../../support/folder.js";
import { ageArmor, type AgeIdentity, ageIdentity, sshPair } from "../../support/identities.js";
import { fingerprinter, printOf } from "../../support/secrets.js";
import { emptyHome } from "../../support/sopsFiles.js";
import {
  answerWith,
  publicPart,
  type SshServer,
  type SshServerOptions,
  startSshServer,
} from "../../support/sshServer.js";

const ANSWER = `p24-observe 1
program 1
host vps-i1
target monitoring
identity ok
recipient age1host
serial 3
pending no
file present 600 root:root
want 600 root:root
own A
|A=value
unread 0
docker ok
end
`;

const INSTALL = "Repair: npm run p24 -- host install vps-i1";

describe("observing a host", () => {
  const folder = temporaryFolder();
  const servers: SshServer[] = [];
  const sync = sshPair();
  let agent: Agent;
  let me: AgeIdentity;

  before(async () => {
    [agent, me] = await Promise.all([startAgent(new Secret(sync.private)), ageIdentity()]);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await agent.close();
  });

  async function serve(options: SshServerOptions = {}): Promise<SshServer> {
    const server = await startSshServer({ authorized: sync.public, ...options });
    servers.push(server);
    return server;
  }

  function settings(server: Pick<SshServer, "port" | "hostKey">): HostSettings {
    const { port, hostKey } = server;
    return { address: "127.0.0.1", port, user: "claude-admin", hostKey, target: "monitoring", plain: {}, prune: [] };
  }

  function observe(host: HostSettings, changes: NodeJS.ProcessEnv = {}) {
    const env = emptyHome(folder(), { SSH_AUTH_SOCK: agent.socket, SOPS_AGE_KEY: me.identity, ...changes });
    return observeHost("vps-i1", host, Promise.resolve(fingerprinter), env);
  }

  /** The sentence for a host that could not be asked. */
  async function why(host: HostSettings, changes: NodeJS.ProcessEnv = {}): Promise<string> {
    const observed = await observe(host, changes);
    assert.ok(observed !== undefined && "unreachable" in observed, "the host was reached");
    return renderFault(observed.unreachable);
  }

  it("asks it for the target and opens the answer", async () => {
    const server = await serve({ onCommand: answerWith(await ageArmor(ANSWER, me.recipient)) });
    const observed = await observe(settings(server));
    assert.ok(observed !== undefined && "seen" in observed);
    assert.deepEqual([observed.seen.serial, [...observed.seen.own]], [3, [["A", printOf("value")]]]);
    assert.deepEqual([server.commands, [...server.users]], [["p24-host observe monitoring"], ["claude-admin"]]);
  });

  it("says nothing while the sources have faults, because then there is nothing to compare with", async () => {
    const server = await serve();
    const env = emptyHome(folder(), { SSH_AUTH_SOCK: agent.socket });
    assert.equal(await observeHost("vps-i1", settings(server), Promise.resolve(undefined), env), undefined);
  });

  const ANOTHER =
    "host vps-i1: shows another identity than the settings pin (hostKey). Repair: compare with the provider's console; " +
    'only when the host was really set up anew: pulumi config set --path p24-infra:hosts.vps-i1.hostKey "…"';
  const NO_AGENT =
    "host vps-i1: no SSH agent holds the sync key. Repair: run through npm run p24 -- pulumi -- …, or start it with p24 exec";
  const CUT_OFF = "host vps-i1: ended the connection before its answer was whole. Repair: run again";

  it("does not log in at a host with another identity", async () => {
    const server = await serve();
    assert.equal(await why({ ...settings(server), hostKey: publicPart(sshPair().private) }), ANOTHER);
    assert.deepEqual([server.commands, [...server.users]], [[], []]);
  });

  it("does not log in at a host that has no identity of the pinned kind", async () => {
    const rsa = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 }).private;
    const server = await serve({ hostKeys: [rsa] });
    assert.equal(await why({ ...settings(server), hostKey: publicPart(sshPair().private) }), ANOTHER);
    assert.deepEqual([...server.users], []);
  });

  it("asks a host with several identities for the pinned one", async () => {
    const ecdsa = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 }).private;
    const server = await serve({
      hostKeys: [sshPair().private, ecdsa],
      onCommand: answerWith(await ageArmor(ANSWER, me.recipient)),
    });
    assert.ok("seen" in ((await observe({ ...settings(server), hostKey: publicPart(ecdsa) })) ?? {}));
  });

  it("says so when the sync key is not let in", async () => {
    const server = await serve({ authorized: sshPair().public });
    assert.equal(
      await why(settings(server)),
      `host vps-i1: does not let claude-admin in with the sync key. ${INSTALL}`,
    );
    assert.deepEqual(server.commands, []);
  });

  it("says so when there is no agent, or nobody answers at its socket", async () => {
    const server = await serve();
    for (const socket of [undefined, "", join(folder(), "nobody")]) {
      assert.equal(await why(settings(server), { SSH_AUTH_SOCK: socket }), NO_AGENT);
    }
  });

  it("says so when nothing listens, or what listens is no SSH server", async () => {
    const closed = await startSshServer();
    await closed.close();
    const mute = await serve({ onSocket: (socket) => socket.end("220 mail.example ESMTP\r\n") });
    for (const { port, hostKey } of [closed, mute]) {
      assert.equal(
        await why(settings({ port, hostKey })),
        `host vps-i1: cannot be reached at 127.0.0.1 port ${String(port)}. Repair: start the host or correct its ` +
          "address in the settings",
      );
    }
  });

  it("says so when the connection ends before the answer is whole", async () => {
    const cuts: NonNullable<SshServerOptions["onCommand"]>[] = [
      (_channel, _command, socket) => socket.destroy(),
      (channel, _command, socket) => channel.write("-----BEGIN AGE ENCRYPTED FILE-----\n", () => socket.destroy()),
      (channel) => channel.end("no exit code"),
      (channel) => {
        channel.exit("SIGKILL");
        channel.end();
      },
    ];
    for (const onCommand of cuts) {
      assert.equal(await why(settings(await serve({ onCommand }))), CUT_OFF);
    }
  });

  const words: readonly [code: number, stderr: string, sentence: string][] = [
    [127, "sh: p24-host: not found\n", `does not run the host program. ${INSTALL}`],
    [1, "", `does not run the host program. ${INSTALL}`],
    [10, "p24-host: refused command\n", 'answered "refused command". Repair: docs/host-protocol.md explains the word'],
    [11, "p24-host: refused target\n", `does not know the target monitoring. ${INSTALL}`],
    [
      12,
      "p24-host: refused unsafe-directory\n",
      "has a directory on the way to the .env file that others than root can write. Repair: on the host: chown root: " +
        "and chmod go-w the directory of target monitoring and /etc/p24-host",
    ],
    [
      19,
      "p24-host: refused identity\n",
      "has no usable age identity, or no observers. Repair: on the host: age-keygen -o /root/.age/secrets.key && chmod " +
        "600 /root/.age/secrets.key, then update .sops.yaml",
    ],
    [35, "p24-host: failed tools age\n", 'answered "failed tools". Repair: docs/host-protocol.md explains the word'],
    [
      11,
      "bash: warning: setlocale: canary\np24-host: refused target\n",
      `does not know the target monitoring. ${INSTALL}`,
    ],
    [
      35,
      "p24-host: failed canary$(x) more\n",
      'answered "failed canary". Repair: docs/host-protocol.md explains the word',
    ],
  ];
  for (const [code, stderr, sentence] of words) {
    it(`says what to do when the host ends with ${String(code)} and ${JSON.stringify(stderr)}`, async () => {
      const server = await serve({ onCommand: answerWith("canary", stderr, code) });
      assert.equal(await why(settings(server)), `host vps-i1: ${sentence}`);
    });
  }

  it("says so when the answer is for somebody else", async () => {
    const stranger = await ageIdentity();
    const server = await serve({ onCommand: answerWith(await ageArmor(ANSWER, stranger.recipient)) });
    assert.equal(
      await why(settings(server)),
      "host vps-i1: its answer is not encrypted to any of your age identities, or was cut off. Repair: add your " +
        "recipient to /etc/p24-host/observers on the host",
    );
  });
});
