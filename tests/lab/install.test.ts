/**
 * Proves host/install on machines of the lab, with the real sudo, useradd, setpriv, apt-get, age, OpenSSL and Compose. How it
 * gets there is proved in install-over-ssh.test.ts.
 */
import assert from "node:assert/strict";

import type { Parts } from "../../cli/host/script.js";
import { HOST_PROGRAM } from "../../core/observe/host.js";
import type { Machine } from "../../lab/machine.js";
import { sshPair } from "../support/identities.js";
import {
  bareVps,
  DIRECTORY,
  install,
  type Installed,
  listing,
  METRICS,
  PROGRAM,
  publicOf,
  sampleParts,
  shell,
  stepsIn,
  unpack,
} from "./support/vps.js";

const HOME = "/home/claude-admin";
const LINES = `${HOME}/.ssh/authorized_keys`;
const IDENTITY = "/root/.age/secrets.key";
const FORCED = 'restrict,command="/usr/local/sbin/p24-host gate"';

describe("the installer on a host", () => {
  let parts: Parts;
  let machine: Machine;
  let ours: string;
  before(async () => {
    parts = await sampleParts();
    ours = `${FORCED} ${parts.sync_public} p24-sync`;
  });
  afterEach(() => machine.close());

  const read = (path: string) => shell(machine, `cat ${path}`);
  const stat = (path: string) => shell(machine, `stat -c '%a %U:%G' ${path}`).then((text) => text.trim());

  function assertDone(answer: Installed): void {
    assert.deepEqual([answer.code, answer.faults, answer.holes], [0, [], []], answer.stderr);
    assert.deepEqual(stepsIn(answer, "ok").slice(-2), [
      `try p24-host ${String(HOST_PROGRAM)}`,
      "try claude-admin may observe monitoring",
    ]);
  }

  async function installed(): Promise<void> {
    assertDone(await install(machine, "apply", parts));
  }

  /** Both modes say the same, and neither changes anything. */
  async function assertRefused(...expected: string[]): Promise<void> {
    const before = await listing(machine);
    for (const mode of ["plan", "apply"] as const) {
      const answer = await install(machine, mode, parts);
      assert.deepEqual([stepsIn(answer, "refused"), answer.code], [expected, 3], answer.stderr);
      assert.deepEqual(stepsIn(answer, "done"), []);
    }
    assert.equal(await listing(machine), before);
  }

  /** What an apply on a host that was installed before changes, and that the next one changes nothing. */
  async function assertRepairs(...expected: string[]): Promise<void> {
    assert.deepEqual(stepsIn(await install(machine, "plan", parts), "change"), expected);
    const answer = await install(machine, "apply", parts);
    assertDone(answer);
    assert.deepEqual(stepsIn(answer, "done"), expected);
    await assertSettled();
  }

  async function assertSettled(): Promise<void> {
    const before = await listing(machine);
    for (const mode of ["plan", "apply"] as const) {
      const answer = await install(machine, mode, parts);
      assertDone(answer);
      assert.deepEqual(stepsIn(answer, "change"), []);
    }
    assert.equal(await listing(machine), before);
    assert.doesNotMatch(before, /p24-new/);
  }

  describe("that is bare", () => {
    beforeEach(async () => {
      machine = await bareVps({ age: false });
    });

    const STEPS = [
      "age installs the Debian package age",
      "identity makes the folder /root/.age",
      `identity makes ${IDENTITY}`,
      `user makes the user claude-admin: home ${HOME}, shell /bin/sh, no password`,
      `user makes the folder ${HOME}`,
      "program writes /usr/local/sbin/p24-host",
      "settings makes the folder /etc/p24-host",
      "settings makes the folder /var/lib/p24-host",
      ...["host", "signer.pem", "observers", "metrics", "targets"].map(
        (name) => `settings writes /etc/p24-host/${name}`,
      ),
      "sudo writes /etc/sudoers.d/p24-host",
      `line makes the folder ${HOME}/.ssh`,
      `line adds the sync key's line to ${LINES}`,
    ];

    it("shows every step and changes nothing, then does all of them, then finds nothing to do", async () => {
      const before = await listing(machine);
      const plan = await install(machine, "plan", parts);
      assert.deepEqual([plan.code, stepsIn(plan, "change"), stepsIn(plan, "done")], [0, STEPS, []]);
      assert.deepEqual(
        [plan.recipient, plan.hostKey],
        [undefined, publicOf(await read("/etc/ssh/ssh_host_ed25519_key.pub"))],
      );
      assert.equal(await listing(machine), before);

      const answer = await install(machine, "apply", parts);
      assertDone(answer);
      assert.deepEqual(stepsIn(answer, "done"), STEPS);
      assert.equal(answer.recipient, (await shell(machine, `age-keygen -y ${IDENTITY}`)).trim());
      await assertSettled();
    });

    it("gets files of the right content, owner and mode", async () => {
      await installed();
      const files: readonly [string, string, string?][] = [
        ["/root/.age", "700 root:root"],
        [IDENTITY, "600 root:root"],
        ["/usr/local/sbin/p24-host", "755 root:root", PROGRAM],
        ["/etc/p24-host", "755 root:root"],
        ["/etc/p24-host/host", "644 root:root", "vps-i1\n"],
        ["/etc/p24-host/signer.pem", "644 root:root", parts.signer],
        ["/etc/p24-host/observers", "644 root:root", parts.observers],
        ["/etc/p24-host/metrics", "644 root:root", `${parts.metrics}\n`],
        [
          "/etc/p24-host/targets",
          "644 root:root",
          `# NAME DIRECTORY OWNER:GROUP MODE PROJECT TIMEOUT POST_APPLY\n${parts.target_line}\n`,
        ],
        ["/var/lib/p24-host", "755 root:root"],
        [HOME, "700 claude-admin:claude-admin"],
        [`${HOME}/.ssh`, "700 claude-admin:claude-admin"],
        [LINES, "600 claude-admin:claude-admin", `${ours}\n`],
      ];
      for (const [path, owner, text] of files) {
        assert.equal(await stat(path), owner, path);
        if (text !== undefined) {
          assert.equal(await read(path), text, path);
        }
      }
      assert.match(
        await shell(machine, "getent passwd claude-admin"),
        /^claude-admin:x:\d+:\d+::\/home\/claude-admin:\/bin\/sh\n$/,
      );
      assert.match(await shell(machine, "getent shadow claude-admin"), /^claude-admin:\*:/);
    });

    it("gets a sudo rule for two commands and no other", async () => {
      await installed();
      assert.equal(await stat("/etc/sudoers.d/p24-host"), "440 root:root");
      const program = "/usr/local/sbin/p24-host";
      const [comment, rule, ...rest] = (await read("/etc/sudoers.d/p24-host")).split("\n");
      assert.match(comment ?? "", /^#/);
      assert.equal(
        rule,
        `claude-admin ALL=(root) NOPASSWD: ${program} observe monitoring, ${program} apply monitoring`,
      );
      assert.deepEqual(rest, [""]);
      const asSync = ["setpriv", "--reuid=claude-admin", "--regid=claude-admin", "--clear-groups"];
      const may = async (command: string) =>
        (await machine.run([...asSync, "sudo", "-n", "-l", ...command.split(" ")])).code;
      assert.equal(await may(`${program} observe monitoring`), 0);
      assert.equal(await may(`${program} apply monitoring`), 0);
      for (const other of ["observe", "observe other", "observe monitoring x", "version", "gate"]) {
        assert.equal(await may(`${program} ${other}`), 1, other);
      }
      assert.equal(await may("/bin/sh"), 1);
    });

    it("is installed by busybox's shell just so", async () => {
      await unpack(machine, "busybox", "./bin/busybox");
      const answer = await install(machine, "apply", parts, "busybox", "sh");
      assertDone(answer);
      assert.deepEqual(stepsIn(answer, "done"), STEPS);
      await assertSettled();
    });

    it("is left alone when the package cannot be had", async () => {
      await shell(machine, "rm /var/cache/apt/archives/age_*");
      const answer = await install(machine, "apply", parts, "unshare", "--net", "sh");
      assert.deepEqual([answer.code, stepsIn(answer, "failed"), stepsIn(answer, "done")], [1, [STEPS[0]], []]);
    });
  });

  describe("that was installed before", () => {
    beforeEach(async () => {
      machine = await bareVps();
      await installed();
    });

    it("gets a newer program in place of an older one", async () => {
      await shell(machine, "sed -i 's/^# p24-host:/# an older p24-host:/' /usr/local/sbin/p24-host");
      await assertRepairs("program upgrades /usr/local/sbin/p24-host: its content is another one");
      assert.equal(await read("/usr/local/sbin/p24-host"), PROGRAM);
    });

    it("keeps its identity, and has its mode and owner repaired", async () => {
      const identity = await read(IDENTITY);
      for (const [spoil, path] of [
        [`chmod 644 ${IDENTITY}`, IDENTITY],
        [`chown claude-admin ${IDENTITY}`, IDENTITY],
        ["chmod 755 /root/.age", "/root/.age"],
      ] as const) {
        await shell(machine, spoil);
        await assertRepairs(`identity repairs owner and mode of ${path}`);
        assert.equal(await stat(path), path === IDENTITY ? "600 root:root" : "700 root:root");
        assert.equal(await read(IDENTITY), identity);
      }
      await shell(machine, `chmod 400 ${IDENTITY}`);
      await assertSettled();
    });

    it("has every file and folder put right that somebody spoiled", async () => {
      await shell(
        machine,
        `chmod 666 /etc/p24-host/signer.pem; chmod 777 /var/lib/p24-host; chown claude-admin /etc/p24-host
        echo age1other >/etc/p24-host/observers; rm /etc/p24-host/host; chmod 644 ${LINES}; chmod 755 ${HOME}/.ssh
        echo 'claude-admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/p24-host`,
      );
      await assertRepairs(
        "settings repairs owner and mode of /etc/p24-host",
        "settings repairs owner and mode of /var/lib/p24-host",
        "settings writes /etc/p24-host/host",
        "settings repairs owner and mode of /etc/p24-host/signer.pem",
        "settings upgrades /etc/p24-host/observers: its content is another one",
        "sudo upgrades /etc/sudoers.d/p24-host: its content is another one",
        `line repairs owner and mode of ${HOME}/.ssh`,
        `line repairs owner and mode of ${LINES}`,
      );
    });

    it("keeps the lines of other targets", async () => {
      const other = "# ours\n  other\t/opt/other root:root 600 other 9 -\n\nmonitoring-2 /x a:b 600 c 1 -\n";
      await shell(
        machine,
        `cat >/etc/p24-host/targets`,
        `${other}monitoring /old root:root 600 x 5 -\nmonitoring /again`,
      );
      await assertRepairs("settings upgrades /etc/p24-host/targets: its content is another one");
      assert.equal(await read("/etc/p24-host/targets"), `${other}${parts.target_line}\n`);
      await shell(machine, `cat >/etc/p24-host/targets`, other.trimEnd());
      await assertRepairs("settings upgrades /etc/p24-host/targets: its content is another one");
      assert.equal(await read("/etc/p24-host/targets"), `${other}${parts.target_line}\n`);
    });

    it("is refused under another name", async () => {
      await shell(machine, "echo vps-h1 >/etc/p24-host/host");
      await assertRefused(
        "settings this host was installed under another name than vps-i1. Repair: compare hosts.vps-i1.address in the " +
          "settings; when it was renamed: rm /etc/p24-host/host",
      );
    });

    it("is not given a rule that sudo does not take", async () => {
      const rule = await read("/etc/sudoers.d/p24-host");
      await shell(machine, "echo '#!/bin/sh\nexit 1' >/usr/local/sbin/visudo; chmod 755 /usr/local/sbin/visudo");
      const answer = await install(machine, "apply", {
        ...parts,
        target_line: parts.target_line.replace("monitoring ", "m2 "),
      });
      assert.deepEqual(stepsIn(answer, "failed"), [
        "sudo upgrades /etc/sudoers.d/p24-host: its content is another one",
      ]);
      assert.equal(answer.code, 1);
      assert.equal(await read("/etc/sudoers.d/p24-host"), rule);
    });

    it("shows what makes the sync user more than our rule does, and leaves it", async () => {
      await shell(
        machine,
        `groupadd -f lxd; for group in docker lxd adm users; do gpasswd -a claude-admin $group; done
        echo 'claude-admin ALL=(ALL:ALL) NOPASSWD: /usr/bin/systemctl, /usr/local/sbin/p24-host apply other' >/etc/sudoers.d/wider`,
      );
      const before = await listing(machine);
      const answer = await install(machine, "apply", parts);
      assert.equal(answer.code, 0);
      const group = (name: string) =>
        `claude-admin is in the group ${name}. Repair: gpasswd --delete claude-admin ${name}, when nothing else needs it`;
      assert.deepEqual(answer.holes, [
        ...["adm", "docker", "lxd"].map(group),
        "claude-admin has another sudo rule: (ALL : ALL) NOPASSWD: /usr/bin/systemctl, /usr/local/sbin/p24-host apply other. " +
          "Repair: take it out of /etc/sudoers and /etc/sudoers.d, with visudo",
      ]);
      assert.equal(await listing(machine), before);
    });

    it("shows the way in that the group sudo is", async () => {
      await shell(machine, "gpasswd -a claude-admin sudo");
      assert.deepEqual(
        (await install(machine, "plan", parts)).holes.map((hole) => hole.split(". Repair")[0]),
        ["claude-admin is in the group sudo", "claude-admin has another sudo rule: (ALL : ALL) ALL"],
      );
    });
  });

  describe("whose sync user has lines already", () => {
    beforeEach(async () => {
      machine = await bareVps();
      await shell(
        machine,
        `useradd --create-home --shell /bin/bash claude-admin; install -d -o claude-admin -m 700 ${HOME}/.ssh`,
      );
    });

    const put = (text: string) =>
      shell(machine, `cat >${LINES}; chown claude-admin: ${LINES}; chmod 600 ${LINES}`, text);
    const lines = () => read(LINES);
    const other = () => publicOf(sshPair().public);

    it("keeps every one of them, byte for byte", async () => {
      const foreign = [
        "# a comment, é\n",
        `${other()} a person\r\n`,
        `  \t${other()}\n`,
        "\n",
        `from="10.0.0.0/8 , 192.0.2.1",command="echo \\"a b\\" 'c'" ${other()} two words\n`,
        `command="/usr/local/sbin/p24-host observe monitoring" ${other()} a person's own\n`,
        `# ${parts.sync_public} was here\n`,
        "no line of sshd's at all \" \n",
        `${other()} the last one`,
      ].join("");
      await put(foreign);
      assertDone(await install(machine, "apply", parts));
      assert.equal(await lines(), `${foreign}\n${ours}\n`);
      assert.match(await shell(machine, "getent passwd claude-admin"), /:\/bin\/bash\n$/);
      await assertSettled();
    });

    it("has a former sync key replaced in its place, and says so", async () => {
      const before = `${other()} a person\r\n`;
      const former = () => `${FORCED} ${other()} p24-sync\n`;
      const after = `${other()} another person\n`;
      await put(`${before}${former()}${after}${former()}`);
      assert.deepEqual(stepsIn(await install(machine, "plan", parts), "change").slice(-1), [
        `line replaces the line of a former sync key in ${LINES}`,
      ]);
      assertDone(await install(machine, "apply", parts));
      assert.equal(await lines(), `${before}${ours}\n${after}`);
      await assertSettled();
      await put(`${former()}${ours}\n${after}`);
      await assertRepairs(`line replaces the line of a former sync key in ${LINES}`);
      assert.equal(await lines(), `${ours}\n${after}`);
    });

    it("keeps our line where and as it is: with another comment, with CRLF", async () => {
      for (const text of [`${FORCED} ${parts.sync_public} sync of 2026\n`, `${ours}\r\n`, ours]) {
        await put(text);
        assertDone(await install(machine, "apply", parts));
        assert.equal(await lines(), text);
      }
    });

    const open: readonly [string, (key: string) => string][] = [
      ["without options", (key) => `${key} p24-sync\n`],
      ["without options, indented, with CRLF", (key) => `\t ${key}\r\n`],
      ["with our command and no restrict", (key) => `command="/usr/local/sbin/p24-host gate" ${key}\n`],
      ["with more than restrict", (key) => `pty,${FORCED} ${key}\n`],
      ["with another command", (key) => `restrict,command="/bin/sh" ${key}\n`],
      ["before our own line", (key) => `${key}\n${FORCED} ${key}\n`],
      ["behind our own line", (key) => `${FORCED} ${key}\n${key}`],
      ["with an option that has blanks and quotes", (key) => `environment="A=\\"b c\\" d" ${key}\n`],
    ];
    for (const [title, text] of open) {
      it(`is refused when the sync key stands there ${title}`, async () => {
        await put(text(parts.sync_public));
        await assertRefused(
          `line the sync key stands in ${LINES} without our restriction. Repair: delete that line; the restricted one is ` +
            "written then",
        );
      });
    }

    it("has the file taken back from root, and nothing else", async () => {
      await put(`${ours}\n`);
      await shell(machine, `chown root: ${LINES} ${HOME}/.ssh`);
      const answer = await install(machine, "apply", parts);
      assertDone(answer);
      assert.deepEqual(
        stepsIn(answer, "done").filter((step) => step.startsWith("line")),
        [`line repairs owner and mode of ${HOME}/.ssh`, `line repairs owner and mode of ${LINES}`],
      );
      assert.equal(await lines(), `${ours}\n`);
    });

    const spoiled: readonly [string, string, string][] = [
      [
        "whose folder is a link",
        `mv ${HOME}/.ssh ${HOME}/s; ln -s s ${HOME}/.ssh`,
        `line ${HOME}/.ssh is no folder but a link or a file. Repair: move it away`,
      ],
      ["whose file is a link", `ln -s /etc/shadow ${LINES}`, `line ${LINES} is no plain file. Repair: move it away`],
      [
        "whose home others can write",
        `chmod 775 ${HOME}`,
        `user ${HOME} can be written by others, so sshd ignores its keys. Repair: chmod go-w ${HOME}`,
      ],
      [
        "whose home is somebody else's",
        `chown root ${HOME}`,
        `user ${HOME} does not belong to claude-admin. Repair: chown claude-admin: ${HOME}`,
      ],
      [
        "who cannot log in",
        "usermod --shell /usr/sbin/nologin claude-admin",
        "user claude-admin has no login shell, so sshd runs nothing. Repair: usermod --shell /bin/sh claude-admin",
      ],
      [
        "who is root",
        `usermod --non-unique --uid 0 claude-admin`,
        "user claude-admin is root under another name. Repair: name another one in hosts.vps-i1.user",
      ],
      [
        "whose home was left by a former one",
        "userdel claude-admin",
        `user ${HOME} is there, but no user claude-admin. Repair: move it away, or make the user`,
      ],
    ];
    for (const [title, spoil, refusal] of spoiled) {
      it(`is refused for a user ${title}`, async () => {
        await shell(machine, spoil);
        await assertRefused(refusal);
      });
    }
  });

  describe("that is not fit", () => {
    beforeEach(async () => {
      machine = await bareVps();
    });

    const compose = `${DIRECTORY}/compose.yaml`;
    const link = "Repair: put what it points to in its place, or name the real path in the settings";
    const unsafe: readonly [string, string, string[]][] = [
      [
        "has no target directory",
        `rm -r ${DIRECTORY}`,
        [`target ${DIRECTORY} is missing. Repair: mkdir -p ${DIRECTORY}, and put the target's Compose project there`],
      ],
      [
        "has no Compose file",
        `rm ${compose}; touch ${DIRECTORY}/compose.override.yaml`,
        [`target ${DIRECTORY} has no Compose file. Repair: put the target's compose.yaml there`],
      ],
      [
        "has a directory of somebody else's",
        `chown nobody ${DIRECTORY}`,
        [`target ${DIRECTORY} does not belong to root. Repair: chown root: ${DIRECTORY}`],
      ],
      [
        "has a directory that a group can write",
        `chmod 775 ${DIRECTORY}`,
        [`target ${DIRECTORY} can be written by others than root. Repair: chmod go-w ${DIRECTORY}`],
      ],
      [
        "has a Compose file that everybody can write",
        `chmod 646 ${compose}`,
        [`target ${compose} can be written by others than root. Repair: chmod go-w ${compose}`],
      ],
      [
        "has an override of somebody else's",
        `touch ${DIRECTORY}/docker-compose.override.yml; chown nobody ${DIRECTORY}/docker-compose.override.yml`,
        [
          `target ${DIRECTORY}/docker-compose.override.yml does not belong to root. Repair: chown root: ` +
            `${DIRECTORY}/docker-compose.override.yml`,
        ],
      ],
      [
        "has a Compose file that is a link",
        `mv ${compose} /opt/c; ln -s /opt/c ${compose}`,
        [`target ${compose} is a link. ${link}`],
      ],
      [
        "has a directory that is a link",
        `mv ${DIRECTORY} /opt/m; ln -s /opt/m ${DIRECTORY}`,
        [`target ${DIRECTORY} is a link. ${link}`],
      ],
      [
        "has a link above it",
        "mv /opt/p24-infra /srv/p; ln -s /srv/p /opt/p24-infra",
        [`target /opt/p24-infra is a link. ${link}`],
      ],
      [
        "has a directory above it that others can write",
        "chmod 777 /opt/p24-infra",
        ["target /opt/p24-infra can be written by others than root. Repair: chmod go-w /opt/p24-infra"],
      ],
      [
        "has several of these",
        `chown nobody /opt; chmod 666 ${compose}`,
        [
          `target ${compose} can be written by others than root. Repair: chmod go-w ${compose}`,
          "target /opt does not belong to root. Repair: chown root: /opt",
        ],
      ],
      [
        "keeps its programs where others can write",
        "chgrp staff /usr/local/sbin; chmod 2775 /usr/local/sbin",
        ["program /usr/local/sbin can be written by others than root. Repair: chmod go-w /usr/local/sbin"],
      ],
      [
        "has records of somebody else's",
        "mkdir -p /var/lib/p24-host/monitoring; chown nobody /var/lib/p24-host/monitoring",
        [
          "target /var/lib/p24-host/monitoring does not belong to root. Repair: chown root: /var/lib/p24-host/monitoring",
        ],
      ],
      [
        "has something else where a file belongs",
        "mkdir -p /etc/p24-host/signer.pem; ln -s /etc/motd /etc/sudoers.d/p24-host",
        [
          "settings /etc/p24-host/signer.pem is no plain file. Repair: move it away",
          "sudo /etc/sudoers.d/p24-host is no plain file. Repair: move it away",
        ],
      ],
      [
        "has something else for an identity",
        `mkdir -m 700 /root/.age; echo hello >${IDENTITY}; chmod 600 ${IDENTITY}`,
        [`identity ${IDENTITY} does not hold one age identity. Repair: move it away, or keep one line of it`],
      ],
      [
        "has no docker",
        "rm /usr/bin/docker",
        [
          "tools docker is missing. Repair: apt-get install docker.io",
          "tools Docker Compose is missing or older than version 2. Repair: apt-get install docker-compose-plugin from Docker's " +
            "packages, or docker-compose from Debian 13 on",
        ],
      ],
      [
        "has no Compose v2",
        "umount /usr/local/lib/docker/cli-plugins/docker-compose",
        [
          "tools Docker Compose is missing or older than version 2. Repair: apt-get install docker-compose-plugin from Docker's " +
            "packages, or docker-compose from Debian 13 on",
        ],
      ],
      [
        "has an old OpenSSL",
        "echo '#!/bin/sh\necho OpenSSL 1.1.1w  11 Sep 2023' >/usr/local/bin/openssl; chmod 755 /usr/local/bin/openssl",
        ["tools openssl is missing or older than version 3. Repair: Debian 12 or later has it"],
      ],
      [
        "has a folder for metrics that others can write",
        `mkdir -p ${METRICS}; chown nobody ${METRICS}`,
        [`metrics ${METRICS} does not belong to root. Repair: chown root: ${METRICS}`],
      ],
      [
        "has a folder for metrics behind a link",
        `mkdir -p /srv/p/node-exporter; ln -s /srv/p /var/lib/prometheus`,
        [`metrics ${METRICS} lies behind a link. Repair: name the real path in hosts.vps-i1.install.metrics`],
      ],
      [
        "has a file for a folder for metrics",
        `mkdir -p ${METRICS}; rmdir ${METRICS}; : >${METRICS}`,
        [`metrics ${METRICS} is no folder. Repair: name node_exporter's in hosts.vps-i1.install.metrics`],
      ],
      ["has no sudo", "rm /usr/bin/sudo", ["tools sudo is missing. Repair: apt-get install sudo"]],
      ["has no flock", "rm /usr/bin/flock", ["tools flock is missing. Repair: apt-get install util-linux"]],
      ["has no cmp", "rm /usr/bin/cmp", ["tools cmp is missing. Repair: apt-get install diffutils"]],
    ];
    for (const [title, spoil, refusals] of unsafe) {
      it(`is refused when it ${title}`, async () => {
        await shell(machine, spoil);
        await assertRefused(...refusals);
      });
    }

    it("is refused for an action or an owner that is not there", async () => {
      parts = { ...parts, target_line: `monitoring ${DIRECTORY} app:root 600 monitoring 9 /usr/local/sbin/after` };
      try {
        await assertRefused(
          "target /usr/local/sbin/after is no executable. Repair: put the target's action there, or take postApply out of the " +
            "settings",
          "target app is not in this host's passwd. Repair: correct owner in hosts.vps-i1.install",
        );
      } finally {
        parts = await sampleParts();
      }
    });

    it("is installed below a directory that is sticky, as /tmp is", async () => {
      await shell(machine, "chmod 1777 /opt/p24-infra");
      await installed();
    });
  });

  it("is refused to somebody who is not root", async () => {
    machine = await bareVps();
    const answer = await install(machine, "plan", parts, "setpriv", "--reuid=nobody", "--clear-groups", "sh");
    assert.equal(answer.code, 3);
    assert.equal(
      stepsIn(answer, "refused")[0],
      "tools this is not root. Repair: p24 host install --admin with a user who may sudo, or root",
    );
  });
});
