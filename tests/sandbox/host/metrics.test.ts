/**
 * The textfile that the host program leaves for node_exporter. What it does not prove: that promtool and node_exporter take
 * it (tests/sandbox/monitoring), or that root cannot be led elsewhere (tests/lab/metrics.test.ts).
 */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { canary } from "../../support/canary.js";
import { samplesIn } from "../../support/textfile.js";

import { HOST_PROGRAM } from "../../../core/observe/host.js";
import { sealDraft } from "./seal.js";
import { moveAway, wrapProgram, writeOver } from "./spoil.js";
import { apply, mode, observe, on, record, runProgram, startTestHost, targetFiles, type TestHost } from "./support.js";

const WORD = canary();
const ENV = `WEB_PASSWORD=${WORD}\nQUEUE_PASSWORD=${WORD}\n`;
const NEXT = `WEB_PASSWORD=next${WORD}\nQUEUE_PASSWORD=${WORD}\n`;

describe("host program: metrics", () => {
  let host: TestHost;
  let folder = "";
  let file = "";
  beforeEach(async () => {
    host = await startTestHost();
    folder = on(host, "var/lib/prometheus/node-exporter");
    file = join(folder, "p24-host-app.prom");
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  });
  afterEach(async () => {
    assert.deepEqual(host.docker.refused, []);
    await host.close();
  });

  const samples = () => samplesIn(readFileSync(file, "utf8"));
  const now = () => Math.floor(Date.now() / 1000);

  /** A time in whole seconds between the given one and now. */
  function isRecent(value: number | undefined, since: number): boolean {
    return value !== undefined && value >= since && value <= now();
  }

  it("an observe before the first apply: seen, never applied, nothing to compare with", async () => {
    const since = now();
    assert.match(await observe(host), /^p24-observe 1\n/);
    const { last_contact_timestamp_seconds: contact, ...rest } = samples();
    assert.ok(isRecent(contact, since));
    assert.deepEqual(rest, {
      last_attempt_timestamp_seconds: 0,
      last_success_timestamp_seconds: 0,
      identity_present: 1,
      identity_usable: 1,
      program_version: HOST_PROGRAM,
    });
  });

  it("an apply that succeeds, one that changes nothing, one that fails and one that is refused", async () => {
    const since = now();
    assert.equal((await apply(host, ENV)).code, 0);
    const first = samples();
    assert.ok(isRecent(first["last_attempt_timestamp_seconds"], since));
    assert.ok(isRecent(first["last_success_timestamp_seconds"], first["last_attempt_timestamp_seconds"] ?? Infinity));
    assert.deepEqual([first["last_attempt_exit_code"], first["file_as_applied"]], [0, 1]);

    writeOver(
      on(host, "var/lib/p24-host/app/applied"),
      `1000 ${(record(host, "applied") ?? "").split(" ")[1] ?? ""}\n`,
    );
    assert.equal((await apply(host, "WEB_PASSWORD=unhealthy\n")).code, 32);
    const failed = samples();
    assert.deepEqual(
      [failed["last_attempt_exit_code"], failed["last_success_timestamp_seconds"], failed["file_as_applied"]],
      [32, 1000, 1],
      "put back: it is the content of the last completed apply again",
    );
    assert.ok(isRecent(failed["last_attempt_timestamp_seconds"], since));

    assert.equal((await runProgram(host.program, ["apply", "app"], "garbage")).code, 14);
    assert.deepEqual([samples()["last_attempt_exit_code"], samples()["last_success_timestamp_seconds"]], [14, 1000]);
    await observe(host);
    assert.equal(samples()["last_attempt_exit_code"], 14, "an observe tells of the last attempt");

    const { stdout } = await apply(host, ENV);
    assert.match(stdout, /^unchanged /);
    assert.equal(samples()["last_attempt_exit_code"], 0);
    assert.ok(isRecent(samples()["last_success_timestamp_seconds"], since), "checked and found right is a success");
  });

  it("an apply whose caller is gone when it answers is told like any other, and leaves nothing", async () => {
    const ended = async (payload: string) => {
      const child = spawn(host.program, ["apply", "app"], { cwd: "/" });
      child.stdout.destroy();
      child.stderr.destroy();
      child.stdin.end(payload);
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      const left = readdirSync(on(host, "var/lib/p24-host/app"));
      return [code, signal, samples()["last_attempt_exit_code"], left.filter((name) => name.startsWith("incoming"))];
    };
    assert.deepEqual(await ended(await sealDraft(host, ENV)), [0, null, 0, []], "applied");
    assert.deepEqual(await ended("garbage"), [14, null, 14, []], "refused");
    assert.deepEqual(await ended(await sealDraft(host, ENV)), [0, null, 0, []], "unchanged");
  });

  it("an edit by hand is not as applied, the content put back is, a missing file is not", async () => {
    assert.equal((await apply(host, ENV)).code, 0);
    const seen = async (text: string | undefined) => {
      host.writeEnv("app", text);
      await observe(host);
      return samples()["file_as_applied"];
    };
    assert.deepEqual([await seen(`${ENV}# edited\n`), await seen(ENV), await seen(undefined)], [0, 1, 0]);
  });

  it("the identity: absent, readable by others, none at all", async () => {
    const seen = async () => {
      await observe(host);
      const { identity_present: present, identity_usable: usable } = samples();
      return [present, usable];
    };
    const path = on(host, "root/.age/secrets.key");
    const away = moveAway(path);
    assert.deepEqual(await seen(), [0, 0]);
    away();
    chmodSync(path, 0o644);
    assert.deepEqual(await seen(), [1, 0]);
    chmodSync(path, 0o600);
    const undo = writeOver(path, "nothing\n");
    assert.deepEqual(await seen(), [1, 0]);
    assert.equal((await apply(host, ENV)).code, 19);
    assert.equal(samples()["last_attempt_exit_code"], 19);
    undo();
    assert.deepEqual(await seen(), [1, 1]);
  });

  it("is 644, holds no name of a variable and no value, and leaves nothing beside it", async () => {
    const old = process.umask(0o077);
    try {
      assert.equal((await apply(host, ENV)).code, 0);
    } finally {
      process.umask(old);
    }
    await observe(host);
    assert.deepEqual([mode(file), readdirSync(folder)], ["644", ["p24-host-app.prom"]]);
    const text = readFileSync(file, "utf8");
    for (const word of ["PASSWORD", WORD, host.recipient, (record(host, "applied") ?? "").split(" ")[1] ?? "?"]) {
      assert.ok(!text.includes(word), word);
    }
    assert.ok(
      text.includes(`\np24_secrets_program_version{host="vps-t1",target="app"} ${String(HOST_PROGRAM)}\n`),
      text,
    );
  });

  it("is replaced by a rename; what a killed one left is cleared, what a running one writes is not", async () => {
    await observe(host);
    const [left, running] = ["999999999", String(process.pid)].map((pid) => `p24-host-app.prom.${pid}`);
    for (const name of [left, running]) {
      writeFileSync(join(folder, name ?? ""), "half");
    }
    const former = openSync(file, "r");
    await observe(host);
    assert.deepEqual(readdirSync(folder).sort(), ["p24-host-app.prom", running]);
    assert.notEqual(fstatSync(former).ino, statSync(file).ino);
    assert.equal(Object.keys(samplesIn(readFileSync(former, "utf8"))).length, 6, "whole for who has it open");
    closeSync(former);
  });

  it("there is no folder: nothing is written, nothing is missed", async () => {
    rmSync(on(host, "var/lib/prometheus"), { recursive: true });
    assert.equal((await apply(host, ENV)).code, 0);
    assert.match(await observe(host), /\nend\n$/);
    assert.ok(!existsSync(on(host, "var/lib/prometheus")));
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    await observe(host);
    assert.deepEqual([samples()["last_attempt_exit_code"], samples()["file_as_applied"]], [0, 1], "it was kept");
  });

  it("another folder is named by the installation", async () => {
    writeOver(on(host, "etc/p24-host/metrics"), "/srv/textfiles\n");
    mkdirSync(on(host, "srv/textfiles"), { recursive: true, mode: 0o755 });
    await observe(host);
    assert.deepEqual([existsSync(file), existsSync(on(host, "srv/textfiles/p24-host-app.prom"))], [false, true]);
  });

  describe("that cannot be written change no answer", () => {
    async function worksAsEver(): Promise<void> {
      assert.deepEqual(await ended(ENV), [0, "applied\n", ""]);
      assert.deepEqual(await ended(NEXT), [0, "applied\n", ""]);
      assert.deepEqual(await ended("WEB_PASSWORD=unhealthy\n"), [32, "", "p24-host: failed services web; put back\n"]);
      assert.equal(host.readEnv("app"), NEXT);
      assert.deepEqual(targetFiles(host), [".env", ".env.previous", "compose.yaml"]);
      assert.match(await observe(host), /^pending no$[^]*\nend\n$/m);
    }

    async function ended(env: string): Promise<unknown[]> {
      const { code, stdout, stderr } = await apply(host, env);
      return [code, stdout.replace(/ \d+ [a-z-]+\n$/, "\n"), stderr];
    }

    const spoilt: readonly [string, () => void][] = [
      [
        "no setting names a folder",
        () => {
          rmSync(on(host, "etc/p24-host/metrics"));
        },
      ],
      [
        "the setting is no path",
        () => {
          writeOver(on(host, "etc/p24-host/metrics"), "../etc\n");
        },
      ],
      [
        "the folder is a file",
        () => {
          rmSync(folder, { recursive: true });
          writeFileSync(folder, "");
        },
      ],
      [
        "others can write the folder",
        () => {
          chmodSync(folder, 0o777);
        },
      ],
      [
        "its group can write the folder",
        () => {
          chmodSync(folder, 0o775);
        },
      ],
      [
        "the folder is a link",
        () => {
          renameSync(folder, on(host, "srv-real"));
          symlinkSync(on(host, "srv-real"), folder);
        },
      ],
      [
        "a folder above is a link",
        () => {
          renameSync(on(host, "var/lib/prometheus"), on(host, "srv-real"));
          symlinkSync(on(host, "srv-real"), on(host, "var/lib/prometheus"));
        },
      ],
    ];
    for (const [what, spoil] of spoilt) {
      it(what, async () => {
        spoil();
        await worksAsEver();
        const found = [folder, on(host, "srv-real"), on(host, "srv-real/node-exporter"), on(host, "etc")].filter(
          (place) => existsSync(join(place, "p24-host-app.prom")),
        );
        assert.deepEqual(found, []);
      });
    }

    it("no room in the folder: the former file stays whole", async () => {
      await observe(host);
      const before = readFileSync(file, "utf8");
      const undo = wrapProgram(host, "mv", 'case $2 in *.prom.*) exit 1 ;; esac\nexec /bin/mv "$@"');
      await worksAsEver();
      undo();
      assert.deepEqual([readdirSync(folder), readFileSync(file, "utf8")], [["p24-host-app.prom"], before]);
    });

    it("no clock, and no room for the time of the attempt", async () => {
      const undo = [
        wrapProgram(host, "date", "exit 1"),
        wrapProgram(host, "mv", 'case $3 in *.attempt) exit 1 ;; esac\nexec /bin/mv "$@"'),
      ];
      await worksAsEver();
      undo.forEach((one) => {
        one();
      });
      assert.deepEqual(
        readdirSync(on(host, "var/lib/p24-host")).filter((name) => name.includes("attempt")),
        [],
      );
    });
  });
});
