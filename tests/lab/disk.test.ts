/**
 * A full disk and a read-only one, below the target's folder and below the host program's records, on file systems of their
 * own: the apply says `failed write`, the former file is whole, the service answers as before, nothing half-written stays;
 * once there is room the next apply converges. Filled to the brim and then to every page less, so that the write that fails
 * is the payload's, the new file's and each record's in turn. Not shown: a disk that is full below Docker's own data.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";

import { canariesOf } from "../../sandbox/sweep/canaries.js";
import { Searcher } from "../../core/search/searcher.js";
import { ANSWERING, freshEnv } from "./support/answering.js";
import { apply, ask, observe, useLab } from "./support/host.js";
import { findingsOn } from "./support/search.js";

const FOLDERS = { "the target's folder": "/opt/p24-infra/app", "the records": "/var/lib/p24-host" };
const PAGE = 4096;
const SIZE = 32 * PAGE;

describe("a disk that takes nothing more", () => {
  const lab = useLab(ANSWERING);
  const values: string[] = [];
  const printed: string[] = [];
  let former = fresh();

  function fresh() {
    const made = freshEnv();
    values.push(made.value);
    return made;
  }

  const sh = (script: string, ...args: string[]) => lab().host.machine.must(["sh", "-euc", script, "sh", ...args]);
  const files = () => Object.values(FOLDERS).map((folder) => listing(lab().host.path(folder)));

  async function run(env: string): Promise<unknown[]> {
    const { code, stdout, stderr } = await apply(lab(), env);
    printed.push(stdout, stderr);
    return [code, stdout.replace(/ \d+ [a-z-]+\n$/, "\n"), stderr];
  }

  async function converges(): Promise<void> {
    former = fresh();
    assert.deepEqual(await run(former.env), [0, "applied\n", ""]);
    await isAsBefore();
    assert.match(await observe(lab()), /^pending no$/m);
  }

  async function isAsBefore(): Promise<void> {
    assert.equal(lab().host.readEnv(), former.env);
    assert.equal(await ask(lab(), "web"), former.value);
  }

  before(async () => {
    await converges();
    for (const folder of Object.values(FOLDERS)) {
      const mount = `mount -t tmpfs -o "mode=755,size=$2" p24-small /mnt; cp -a "$1/." /mnt; mount --move /mnt "$1"`;
      await sh(mount, folder, String(SIZE));
    }
    await converges();
  });

  for (const [name, folder] of Object.entries(FOLDERS)) {
    it(`full below ${name}`, async () => {
      let pages = 0;
      for (let ended: unknown[] = []; ended[0] !== 0; pages += 1) {
        await sh(`dd if=/dev/zero of="$1/full" bs=${String(PAGE)} 2>/dev/null || true`, folder);
        await sh('truncate -s "-$2" "$1/full"', folder, String(pages * PAGE));
        const before = files();
        const next = fresh();
        ended = await run(next.env);
        if (ended[0] === 0) {
          former = next;
        } else {
          assert.deepEqual(ended, [30, "", "p24-host: failed write\n"], `${String(pages)} pages free`);
          assert.deepEqual(files(), before, `${String(pages)} pages free`);
        }
        await isAsBefore();
      }
      assert.ok(pages > 1, "it was full");
      await sh('rm "$1/full"', folder);
      await converges();
    });

    it(`read-only below ${name}`, async () => {
      await sh('mount -o remount,ro "$1"', folder);
      const before = files();
      assert.deepEqual(await run(fresh().env), [30, "", "p24-host: failed write\n"]);
      assert.deepEqual(files(), before);
      await isAsBefore();
      assert.match(await observe(lab()), /^pending no$/m, "it can still be asked");
      await sh('mount -o remount,rw "$1"', folder);
      await converges();
    });
  }

  it("no value was printed or lies about", async () => {
    const searcher = new Searcher(canariesOf(values.map((value) => ({ secret: "app/web", value }))));
    assert.deepEqual(
      printed.flatMap((text) => searcher.find(Buffer.from(text))),
      [],
    );
    assert.deepEqual(await findingsOn(lab().host, searcher), []);
  });
});

/** Names of all files below a folder. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}
