/**
 * Least privilege against OpenSSH's own server and clients, sudo and Docker: what the sync's private part opens, and what the
 * sync user may do on the machine. sshd is as permissive as it can be, so the line in authorized_keys and the sudo rule alone
 * hold. Every attempt is first shown to work for another user with an ordinary line, so that it fails for its own reason.
 * What it does not prove: that sshd, sudo or the kernel have no hole of their own.
 */
import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { startAgent } from "../../core/seal/agent.js";
import { Secret } from "../../core/seal/secret.js";
import { SYNC_USER } from "../../sandbox/hosts/options.js";
import { canary, leaked } from "../support/canary.js";
import { temporaryFolder } from "../support/folder.js";
import { ageArmor, ageIdentity, openArmor, sshPair } from "../support/identities.js";
import { applied, seal, useLab } from "./support/host.js";
import { until } from "../support/until.js";
import { ended, Login } from "./support/ssh.js";

const COMPOSE = `
services:
  web:
    image: example/web:1
    environment:
      WEB_PASSWORD: \${WEB_PASSWORD}
`;
const [FORMER, VALUE] = [canary(), canary()];
const ENV = `WEB_PASSWORD=${VALUE}\n`;
const REFUSED = { code: 10, stdout: "", stderr: "p24-host: refused command\n" };
const OPERATOR = "somebody";

/** As much as sshd can be told to let through. */
const PERMISSIVE = `AcceptEnv *
PermitUserEnvironment yes
X11Forwarding yes
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
AllowAgentForwarding yes
PermitTTY yes
`;

/** A folder of programs that nobody but an attacker wants started; each leaves a mark. */
const TRAPS = "/tmp/traps";
const SET_TRAPS = `mkdir -m 777 ${TRAPS}
for name in sudo sh env id stat age docker awk cat; do
  printf '#!/bin/sh\\n: >${TRAPS}/sprung\\n' >${TRAPS}/$name
done
chmod 755 ${TRAPS}/*`;

describe("least privilege", () => {
  const lab = useLab(COMPOSE);
  const folder = temporaryFolder();
  const machine = () => lab().host.machine;
  let sync: Login;
  let operator: Login;

  before(async () => {
    const { host, syncIdentity } = lab();
    await applied(lab(), `WEB_PASSWORD=${FORMER}\n`);
    await applied(lab(), ENV);
    const pair = sshPair();
    await machine().must(["useradd", "--create-home", "--groups", "docker", "--shell", "/bin/sh", OPERATOR]);
    await machine().must(["usermod", "--password", "*", OPERATOR]);
    await writeAs(OPERATOR, `/home/${OPERATOR}/.ssh/authorized_keys`, pair.public);
    await machine().must(["tee", "/etc/ssh/sshd_config.d/lab.conf"], PERMISSIVE);
    await machine().must(["sh", "-c", "printf '#!/bin/sh\\n' >/usr/bin/xauth; chmod 755 /usr/bin/xauth"]);
    await machine().must(["sh", "-c", SET_TRAPS]);
    await machine().must(["sed", "-i", "/pam_motd/d", "/etc/pam.d/sshd"]);
    await host.up();
    sync = new Login(folder(), host, SYNC_USER, syncIdentity);
    operator = new Login(folder(), host, OPERATOR, pair.private);
    writeFileSync(join(folder(), "file"), "a file of the caller's\n");
  });

  async function writeAs(user: string, path: string, text: string): Promise<void> {
    await machine().must(["install", "-d", "-m", "700", "-o", user, "-g", user, join(path, "..")]);
    await machine().must(["tee", path], text);
    await machine().must(["chown", `${user}:`, path]);
  }

  /** A command of the shell, as the sync user would run it if he had one. */
  const asSync = (command: string) =>
    machine().run(["setpriv", "--reuid", SYNC_USER, "--regid", SYNC_USER, "--init-groups", "sh", "-c", command]);

  /** Every file that somebody could have left or changed, every process but the machine's own, every container. */
  async function traces(): Promise<string[]> {
    const places = ["/etc", "/var", "/tmp", "/root", "/run", "/home", "/usr/local", "/opt"];
    const own = ["/var/lib/docker", "/run/docker", "/var/log", "/run/containerd"].flatMap((path) => [
      "-path",
      path,
      "-o",
    ]);
    const format = "%p %y %m %U:%G %s %T@ %C@\\n";
    const find = [
      "find",
      ...places,
      "-xdev",
      "-mindepth",
      "1",
      "(",
      ...own,
      "-false",
      ")",
      "-prune",
      "-o",
      "-printf",
      format,
    ];
    const files = await machine().must(find);
    const processes = await machine().must(["ps", "-e", "-o", "user=,args="]);
    const containers = await machine().must(["docker", "ps", "-aq", "--no-trunc"]);
    return [files, processes, containers]
      .flatMap((lines) => lines.split("\n"))
      .filter((line) => !line.endsWith("<defunct>"));
  }

  /** The environments that the processes which fit were started with, once there are any. */
  async function environmentsOf(pattern: string): Promise<string> {
    for (;;) {
      const script = `for pid in $(pgrep -f '${pattern}'); do tr '\\0' '\\n' <"/proc/$pid/environ"; done`;
      const { stdout } = await machine().run(["sh", "-c", script]);
      if (stdout !== "") {
        return stdout;
      }
      await sleep(20);
    }
  }

  async function leavesNothing(step: () => Promise<unknown>): Promise<void> {
    const before = await traces();
    await step();
    const only = (here: string[], there: string[]) => here.filter((line) => !there.includes(line));
    const changes = async () => {
      const after = await traces();
      return { gone: only(before, after), come: only(after, before) };
    };
    // A session's processes end a moment after its caller has seen the end.
    for (let left = 20; left > 0 && Object.values(await changes()).flat().length > 0; left -= 1) {
      await sleep(50);
    }
    assert.deepEqual(await changes(), { gone: [], come: [] });
  }

  describe("over SSH with the sync's private part", () => {
    it("the way that the sync takes works, and says nothing in clear", async () => {
      const ended = await sync.ssh([], "p24-host observe app");
      assert.deepEqual([ended.code, ended.stderr], [0, ""]);
      assert.match(
        ended.stdout,
        /^-----BEGIN AGE ENCRYPTED FILE-----\n[A-Za-z0-9+/=\n]+-----END AGE ENCRYPTED FILE-----\n$/,
      );
      assert.deepEqual(
        leaked(Buffer.from(ended.stdout.split("\n").slice(1, -2).join(""), "base64").toString("latin1"), [VALUE]),
        [],
      );
      assert.ok((await openArmor(ended.stdout, lab().observer)).includes(`|WEB_PASSWORD=${VALUE}\n`));
    });

    it("no shell, no other command", async () => {
      assert.equal((await operator.ssh(["-T"], "", "echo in a shell\n")).stdout, "in a shell\n");
      assert.equal((await operator.ssh([], "id -un")).stdout, "somebody\n");
      await leavesNothing(async () => {
        assert.deepEqual(await sync.ssh(["-T"], "", "echo in a shell\n"), REFUSED);
        assert.deepEqual(await sync.ssh([], "id -un"), REFUSED);
      });
    });

    for (const command of [
      "p24-host",
      "p24-host version",
      "p24-host gate",
      "p24-host observe",
      "p24-host observe app app",
      "p24-host observe  app",
      "p24-host observe app ",
      "p24-host observe app;id",
      "p24-host observe app\nid",
      "p24-host observe app && id",
      "p24-host observe $(id)",
      "p24-host observe `id`",
      "p24-host observe ../app",
      "p24-host observe app/../app",
      "p24-host observe /opt/p24-infra/app",
      "p24-host observe /etc/shadow",
      "p24-host observe --",
      "p24-host observe --help",
      "p24-host observe -- app",
      "p24-host observe *",
      "p24-host observe APP",
      `p24-host observe ${"a".repeat(33)}`,
      "p24-host --clean observe app",
      "/usr/local/sbin/p24-host observe app",
      "sudo -n /usr/local/sbin/p24-host observe app",
      "PATH=/tmp/traps p24-host observe app",
      "env PATH=/tmp/traps p24-host apply app",
      "sudo LD_PRELOAD=/tmp/x.so /usr/local/sbin/p24-host apply app",
      "cat /opt/p24-infra/app/.env",
      "rsync --server --sender . /",
    ]) {
      it(`refuses ${JSON.stringify(command)}`, async () => {
        assert.deepEqual(await sync.ssh([], command), REFUSED);
      });
    }

    it("refuses a target that is not on this host, by the word for it", async () => {
      const refused = { code: 11, stdout: "", stderr: "p24-host: refused target\n" };
      await leavesNothing(async () => {
        assert.deepEqual(await sync.ssh([], "p24-host observe other"), refused);
        assert.deepEqual(await sync.ssh([], "p24-host apply other", await seal(lab(), ENV)), refused);
      });
    });

    it("says so when the sudo rule is gone, and reads a payload all the same", async () => {
      const gone = { code: 35, stdout: "", stderr: "p24-host: failed tools sudo\n" };
      await machine().must(["mv", "/etc/sudoers.d/p24-host", "/root/p24-host.sudoers"]);
      try {
        assert.deepEqual(await sync.ssh([], "p24-host observe app"), gone);
        assert.deepEqual(await sync.ssh([], "p24-host apply app", await seal(lab(), ENV)), gone);
      } finally {
        await machine().must(["mv", "/root/p24-host.sudoers", "/etc/sudoers.d/p24-host"]);
      }
    });

    it("no scp, with either protocol and in either direction, and no sftp", async () => {
      const copies = [
        ["scp -O up", ["-O", "file", ":/tmp/copied"], "p24-host: refused command\nlost connection\n"],
        ["scp -O down", ["-O", ":/etc/hostname", "fetched"], "p24-host: refused command\n"],
        ["scp up", ["file", ":/tmp/copied"], "scp: Connection closed\r\n"],
        ["scp down", [":/etc/hostname", "fetched"], "scp: Connection closed\r\n"],
      ] as const;
      const reached = () => existsSync(lab().host.path("tmp/copied")) || existsSync(join(folder(), "fetched"));
      for (const [name, words] of copies) {
        const control = await operator.scp(...words);
        assert.deepEqual([control.code, reached()], [0, true], `${name}: ${control.stderr}`);
        rmSync(lab().host.path("tmp/copied"), { force: true });
        rmSync(join(folder(), "fetched"), { force: true });
      }
      assert.match((await operator.sftp("pwd\n")).stdout, /Remote working directory: \/home\/somebody/);
      await leavesNothing(async () => {
        for (const [name, words, said] of copies) {
          const { code, stderr } = await sync.scp(...words);
          assert.deepEqual([code, stderr, reached()], [name.includes("-O") ? 1 : 255, said, false], name);
        }
        const session = await sync.sftp("pwd\n");
        assert.deepEqual(session, { code: 255, stdout: "", stderr: "Connection closed\r\n" });
        // sshd passes no error text on for a subsystem; the exit code is the forced command's.
        assert.deepEqual(await sync.ssh(["-s"], "sftp"), { ...REFUSED, stderr: "" });
      });
    });

    it("no terminal", async () => {
      assert.equal((await operator.ssh(["-tt"], "test -t 0 && echo a terminal")).stdout, "a terminal\r\n");
      assert.deepEqual(await sync.ssh(["-tt"], "test -t 0 && echo a terminal"), {
        code: 255,
        stdout: "",
        stderr: "PTY allocation request failed on channel 0\r\n",
      });
    });

    it("no port of the host can be reached through it, and none opened there", async () => {
      const { port } = lab().host;
      const through = ["-W", `127.0.0.1:${port}`];
      assert.match((await operator.ssh(through)).stdout, /^SSH-2\.0-OpenSSH_/);
      const back = ["-o", "ExitOnForwardFailure=yes", "-R", `127.0.0.1:0:127.0.0.1:${port}`];
      assert.match(
        (await operator.ssh(back, "true")).stderr,
        /^Allocated port \d+ for remote forward to 127\.0\.0\.1:/,
      );
      await leavesNothing(async () => {
        assert.deepEqual(await sync.ssh(through), {
          code: 255,
          stdout: "",
          stderr: "channel 0: open failed: administratively prohibited: open failed\r\nstdio forwarding failed\r\n",
        });
        assert.deepEqual(await sync.ssh(back, "true"), {
          code: 255,
          stdout: "",
          stderr: "Error: remote port forwarding failed for listen port 0\r\n",
        });
      });
    });

    it("no socket of the host can be reached through it, not even one that is open to everybody", async () => {
      const ping = async (login: Login, local: string) => {
        const forward = login.start(["-N", "-L", `${local}:/var/run/docker.sock`]);
        const said = ended(forward);
        let answer = "";
        try {
          await until(`ssh listens at ${local}`, () => existsSync(local) || forward.exitCode !== null);
          assert.equal(
            forward.exitCode,
            null,
            `ssh has ended: ${forward.exitCode === null ? "" : (await said).stderr}`,
          );
          const socket = createConnection(local).setTimeout(60_000, () => socket.destroy());
          socket.on("data", (chunk: Buffer) => (answer += chunk.toString("utf8"))).on("error", () => undefined);
          socket.end("GET /_ping HTTP/1.0\r\n\r\n");
          await new Promise((resolve) => socket.on("close", resolve));
        } finally {
          forward.kill();
        }
        return { answer, stderr: (await said).stderr };
      };
      assert.match((await ping(operator, join(folder(), "somebodys.sock"))).answer, /^HTTP\/1\.0 200 OK[^]*OK$/);
      await machine().must(["chmod", "666", "/var/run/docker.sock"]);
      const refused = await ping(sync, join(folder(), "syncs.sock"));
      await machine().must(["chmod", "660", "/var/run/docker.sock"]);
      assert.deepEqual(refused, { answer: "", stderr: "channel 1: open failed: connect failed: open failed\r\n" });
    });

    it("no agent, no display and no variable of the caller get into a session", async () => {
      const agent = await startAgent(new Secret(sshPair().private));
      const env = { SSH_AUTH_SOCK: agent.socket, DISPLAY: "127.0.0.1:9" };
      const carrying = ["-A", "-X", "-o", "SetEnv=LC_P24=sent P24_SENT=too"];
      const inSession = async (login: Login, command: string, program: string) => {
        const session = login.start(carrying, [command], env);
        const said = ended(session);
        const environments = await environmentsOf(program);
        const sockets = await machine().must(["find", "/tmp", "-name", "agent.*", "-printf", "%y\\n"]);
        session.stdin?.end("nothing\n");
        return { environments, sockets, said: await said };
      };
      try {
        const control = await inSession(operator, "/bin/cat", "^/bin/cat$");
        assert.match(control.environments, /^DISPLAY=localhost:\d+\.0$/m);
        assert.match(control.environments, /^SSH_AUTH_SOCK=\/tmp\/ssh-/m);
        assert.match(control.environments, /^LC_P24=sent$/m);
        assert.match(control.environments, /^P24_SENT=too$/m);
        assert.equal(control.sockets, "s\n");
        const { environments, sockets, said } = await inSession(
          sync,
          "p24-host apply app",
          "p24-host (--clean )?apply",
        );
        assert.deepEqual([said.code, said.stdout], [14, ""]);
        assert.match(said.stderr, /\nX11 forwarding request failed on channel 0\r\np24-host: refused malformed\n$/);
        assert.match(environments, /^PATH=\/usr\/local\/sbin:/m);
        assert.doesNotMatch(environments, /DISPLAY|SSH_AUTH_SOCK|P24/);
        assert.equal(sockets, "");
      } finally {
        await agent.close();
      }
    });

    it("what the caller sends and what stands in the user's own environment file starts no other program", async () => {
      const sprung = () => existsSync(lab().host.path(`${TRAPS}/sprung`));
      for (const user of [OPERATOR, SYNC_USER]) {
        await writeAs(user, `/home/${user}/.ssh/environment`, `PATH=${TRAPS}\n`);
      }
      const sending = ["-o", `SetEnv=PATH=${TRAPS} ENV=${TRAPS}/id SSH_ORIGINAL_COMMAND=id COMMAND=id root=/tmp`];
      await operator.ssh(sending, "id");
      assert.ok(sprung(), "an ordinary session falls into the trap");
      rmSync(lab().host.path(`${TRAPS}/sprung`));
      await leavesNothing(async () => {
        const { code, stdout, stderr } = await sync.ssh(sending, "p24-host observe app");
        assert.deepEqual([code, stderr, sprung()], [0, "", false]);
        assert.match(await openArmor(stdout, lab().observer), /^p24-observe 1\n/);
      });
    });

    it("nobody but the observers that root wrote down can open an answer", async () => {
      const stranger = await ageIdentity();
      const attempts = [
        () => sync.ssh([], "p24-host observe app", `${stranger.recipient}\n`),
        () => sync.ssh(["-o", `SetEnv=AGE_RECIPIENTS=${stranger.recipient}`], "p24-host observe app"),
      ];
      for (const attempt of attempts) {
        const { stdout } = await attempt();
        assert.ok((await openArmor(stdout, lab().observer)).endsWith("\nend\n"));
        await assert.rejects(openArmor(stdout, stranger.identity), /no identity matched/);
      }
      assert.deepEqual(await sync.ssh([], `p24-host observe app ${stranger.recipient}`), REFUSED);
      // An answer is not what a caller could have made for himself.
      await assert.rejects(openArmor(await ageArmor("x", stranger.recipient), lab().observer), /no identity matched/);
    });

    it("opens no other user's login", async () => {
      const other = new Login(folder(), lab().host, "root", lab().syncIdentity);
      const { code, stderr } = await other.ssh([], "id");
      assert.deepEqual([code, stderr], [255, "root@127.0.0.1: Permission denied (publickey,password).\r\n"]);
    });
  });

  describe("as the sync user on the machine", () => {
    it("sudo allows two commands", async () => {
      const { stdout } = await asSync("sudo -n -l");
      const [, rules = ""] = stdout.split("may run the following commands on vps-i1:");
      const [observe, apply] = ["observe", "apply"].map((verb) => `/usr/local/sbin/p24-host ${verb} app`);
      assert.equal(rules.replace(/\s+/g, " ").trim(), `(root) NOPASSWD: ${observe ?? ""}, ${apply ?? ""}`);
    });

    for (const [command, why] of [
      ["sudo -n sh", "a password is required"],
      ["sudo -n /bin/cat /opt/p24-infra/app/.env", "a password is required"],
      ["sudo -n /usr/local/sbin/p24-host observe other", "a password is required"],
      ["sudo -n /usr/local/sbin/p24-host observe app other", "a password is required"],
      ["sudo -n /usr/local/sbin/p24-host --clean observe app", "a password is required"],
      ["sudo -n /usr/local/sbin/p24-host version", "a password is required"],
      ["sudo -n /bin/sh /usr/local/sbin/p24-host observe app", "a password is required"],
      ["sudo -n -u somebody /usr/local/sbin/p24-host observe app", "a password is required"],
      ["sudo -n -g docker /usr/local/sbin/p24-host observe app", "a password is required"],
      ["sudo -n -E /usr/local/sbin/p24-host observe app", "you are not allowed to preserve the environment"],
      ["sudo -n LD_PRELOAD=/tmp/traps/x.so /usr/local/sbin/p24-host observe app", "LD_PRELOAD"],
      ["sudo -n root=/tmp /usr/local/sbin/p24-host observe app", "root"],
      ["sudo -n -D /tmp/traps /usr/local/sbin/p24-host observe app", "not permitted to use the -D option"],
      ["sudoedit -n /opt/p24-infra/app/.env", "a password is required"],
    ] as const) {
      it(`fails: ${command}`, async () => {
        const { code, stdout, stderr } = await asSync(command);
        assert.deepEqual([code, stdout], [1, ""]);
        assert.ok(stderr.includes(why), stderr);
      });
    }

    for (const path of [
      "/opt/p24-infra/app/.env",
      "/opt/p24-infra/app/.env.previous",
      "/root/.age/secrets.key",
      "/var/lib/p24-host/app/names",
      "/var/lib/p24-host/app/serial",
      "/var/lib/p24-host/lock",
      "/etc/sudoers.d/p24-host",
    ]) {
      it(`can neither read nor replace ${path}`, async () => {
        assert.ok(existsSync(lab().host.path(path)));
        await leavesNothing(async () => {
          for (const command of [`cat ${path}`, `echo x >${path}`, `rm -f ${path}`, `mv /tmp/traps/id ${path}`]) {
            const { code, stdout, stderr } = await asSync(command);
            assert.notEqual(code, 0, command);
            assert.deepEqual([stdout, /Permission denied|Operation not permitted/.test(stderr)], ["", true], stderr);
          }
        });
      });
    }

    it("cannot change what root trusts", async () => {
      const files = ["/usr/local/sbin/p24-host", "/opt/p24-infra/app/compose.yaml"];
      const settings = ["host", "targets", "signer.pem", "observers"].map((name) => `/etc/p24-host/${name}`);
      await leavesNothing(async () => {
        for (const path of [...files, ...settings]) {
          assert.equal((await asSync(`cat ${path} >/dev/null`)).code, 0, path);
          assert.match((await asSync(`echo x >>${path}`)).stderr, /Permission denied/, path);
          assert.match((await asSync(`mv /tmp/traps/id ${path}`)).stderr, /Permission denied/, path);
        }
      });
    });

    it("cannot see the values of a process, and has no Docker", async () => {
      const [service] = await lab().host.services();
      const environ = `/proc/${String(service?.pid)}/environ`;
      assert.ok((await machine().must(["cat", environ])).includes(VALUE));
      assert.match((await asSync(`cat ${environ}`)).stderr, /Permission denied/);
      assert.match(
        (await asSync("docker ps")).stderr,
        /permission denied while trying to connect to the Docker daemon/,
      );
    });

    it("starts no trap for root: sudo keeps neither PATH nor variables", async () => {
      const { code, stdout } = await asSync(
        `PATH=${TRAPS} ENV=${TRAPS}/id /usr/bin/sudo -n /usr/local/sbin/p24-host observe app`,
      );
      assert.deepEqual([code, existsSync(lab().host.path(`${TRAPS}/sprung`))], [0, false]);
      assert.match(await openArmor(stdout, lab().observer), /^p24-observe 1\n/);
    });
  });

  describe("a sync user in the group docker", () => {
    const HOLE = `${SYNC_USER} is in the group docker. Repair: gpasswd --delete ${SYNC_USER} docker, when nothing else needs it`;
    const READ = "docker run --rm --network none --volume /:/host example/web:1 cat /host/opt/p24-infra/app/.env";
    const holes = async (mode: "plan" | "apply") => (await lab().host.runInstaller(lab().common, mode)).holes;

    it("is root, so plan and apply of the installer name the hole; closing it is a person's decision", async () => {
      assert.deepEqual([await holes("plan"), await holes("apply")], [[], []]);
      assert.equal((await asSync(READ)).stdout, "");
      await machine().must(["gpasswd", "--add", SYNC_USER, "docker"]);
      assert.equal((await asSync(READ)).stdout, ENV);
      assert.deepEqual([await holes("plan"), await holes("apply")], [[HOLE], [HOLE]]);
      await machine().must(["gpasswd", "--delete", SYNC_USER, "docker"]);
      assert.equal((await asSync(READ)).stdout, "");
      assert.deepEqual(await holes("plan"), []);
    });
  });
});
