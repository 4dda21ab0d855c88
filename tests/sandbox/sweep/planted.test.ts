/**
 * Proves that the sweep finds: in every kind of place a value is planted in every form, through the real collectors (a
 * repository of git, a real child process, a file that is gone after a moment), and each is reported by place, form and name.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { FORM_NAMES, formsOf } from "../../../core/search/forms.js";
import { filesBelow, filesOf, gitObjects, type Place, type Sample } from "../../../sandbox/sweep/places.js";
import { watchProcesses } from "../../../sandbox/sweep/processes.js";
import { renderFinding } from "../../../sandbox/sweep/render.js";
import { Searcher } from "../../../core/search/searcher.js";
import { Inquiry } from "../../../sandbox/sweep/verdict.js";
import { sandboxPaths } from "../../../sandbox/world/paths.js";
import { temporaryFolder } from "../../support/folder.js";
import { needs } from "../../support/needs.js";

/** One secret a form, with everything in it that an encoding changes; so that no other form of it is its plain text. */
const PLANTED = FORM_NAMES.map((form, index) => {
  const value = `${randomBytes(9).toString("hex")}?>~ż <a&b> "c" 'd' $e \`f\` \\g\t%h+i/j=${index}\u2028`;
  return { form, secret: `planted/${index}`, value };
});

/** A text that holds every secret in its form and in no other. */
function textWithAll(): Buffer {
  const lines = PLANTED.map(({ form, value }) => {
    const found = formsOf(Buffer.from(value)).find(({ name }) => name === form);
    assert.ok(found !== undefined, `${form} differs from the forms before it`);
    return Buffer.concat([Buffer.from("\n\n<<"), found.bytes, Buffer.from(">>")]);
  });
  return Buffer.concat(lines);
}

const EXPECTED = PLANTED.map(({ secret, form }) => `${secret} ${form}`).sort();

describe("a planted value", () => {
  const folder = temporaryFolder();
  const searcher = new Searcher(PLANTED.map(({ secret, value }) => ({ secret, pieces: [Buffer.from(value)] })));
  const text = textWithAll();
  const paths = () => sandboxPaths(join(folder(), "world"));

  const found = async (place: Place, samples: Iterable<Sample> | AsyncIterable<Sample>) => {
    const inquiry = new Inquiry(searcher, []);
    await inquiry.takeAll(samples);
    const { leaks } = inquiry.verdict();
    assert.deepEqual(
      [...new Set(leaks.filter((leak) => leak.place === place).map(({ secret, form }) => `${secret} ${form}`))].sort(),
      EXPECTED,
    );
    const report = leaks.map(renderFinding).join("\n");
    assert.deepEqual(searcher.find(Buffer.from(report)), [], "the report repeats no value");
    return leaks.filter((leak) => leak.place === place);
  };
  const plant = (path: string, content: Buffer | string = text) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };

  const files: readonly [Place, string][] = [
    ["backend", "backend/.pulumi/history/p24-infra/sandbox/one.checkpoint.json"],
    ["PULUMI_HOME", "pulumi/logs/some.log"],
    ["HOME", "home/.cache/some"],
    ["work tree", "work/.git/COMMIT_EDITMSG"],
    ["hosts", "hosts/vps-i1/root/var/lib/p24-host/state"],
    ["sandbox", "daemon.log"],
  ];
  for (const [place, path] of files) {
    it(`is found in every form: ${place}`, async () => {
      plant(join(paths().dir, path));
      const leaks = await found(place, filesOf(paths()));
      assert.deepEqual([...new Set(leaks.map(({ where }) => where))], [path]);
    });
  }

  it("is found in every form: temporary files, a core dump, what was printed, the exported stack", async () => {
    const left = join(folder(), "left");
    plant(join(left, "deep/er/tmp.1"));
    await found("temporary files", filesBelow("temporary files", left, folder()));
    const dump = Buffer.alloc(64);
    dump.write("\x7fELF", "latin1");
    dump.writeUInt16LE(4, 16);
    plant(join(left, "core.42"), Buffer.concat([dump, text]));
    await found("core dumps", filesBelow("temporary files", left, folder()));
    for (const place of ["output", "stack export"] as const) {
      await found(place, [{ place, where: "somewhere", content: text }]);
    }
  });

  it("is found in every form: an object of git that no branch holds any more", async () => {
    const work = paths().work;
    plant(join(work, "was-here"));
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.test", ...args], {
        cwd: work,
        stdio: "pipe",
      });
    rmSync(join(work, ".git"), { recursive: true, force: true });
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "with");
    git("rm", "--quiet", "was-here");
    git("commit", "--quiet", "--amend", "--allow-empty", "--message", "without");
    const [leak] = await found("git objects", gitObjects(work, process.env));
    assert.match(leak?.where ?? "", /^blob [0-9a-f]{12}$/);
  });

  it("is found in every form: arguments and environment of a process, a file that is gone after a moment", async function () {
    needs(this, process.platform === "linux", "Linux: processes are sampled from /proc");
    const passing = join(folder(), "passing");
    mkdirSync(passing);
    const watch = await watchProcesses("P24_NOBODY=1", [passing]);
    plant(join(passing, "gone"));
    const env = { PATH: process.env["PATH"], LEAKY: text.toString("utf8") };
    // Not a child but a child's child: the engine's plugins are that.
    const child = spawn("sh", ["-c", `sh -c 'sleep 0.3; :' "$0"; :`, text.toString("utf8")], { env });
    await sleep(200);
    rmSync(join(passing, "gone"));
    await new Promise((resolve) => child.once("close", resolve));
    const { samples, programs } = await watch.stop();
    assert.ok((programs.get("sleep") ?? 0) >= 1, "a grandchild was seen");
    for (const place of ["arguments", "environment", "passing files"] as const) {
      const leaks = await found(place, samples);
      const where = { arguments: /^sh, argument \d$/, environment: /^(sh|sleep), LEAKY$/, "passing files": /\/gone$/ };
      assert.ok(
        leaks.every((leak) => where[place].test(leak.where)),
        place,
      );
    }
  });
});
