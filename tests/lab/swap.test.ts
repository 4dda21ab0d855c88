/**
 * The atomic swap of `.env` under a reader: a process on the machine opens the file as often as it can through 200 rotations
 * of the real host program with real Compose, and must find one whole file each time. The same reader is first shown a host
 * program that writes in place. What it does not prove: that the file survives a power cut (the order of fsync and rename is
 * tests/sandbox/host/killed.test.ts's).
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";

import { ended } from "./support/ssh.js";
import { apply, type Lab, useLab } from "./support/host.js";

const COMPOSE = "services:\n  clock:\n    image: example/clock:1\n";
const ROTATIONS = 200;

/** A whole file: the same number in its first and in its last line, and as much between them as fits a page many times. */
const envOf = (rotation: number) => `FIRST=${rotation}\nFILLER=${"x".repeat(60_000)}\nLAST=${rotation}\n`;

/** Reads until its input ends, then says how often, how many files were no whole one, and how many different ones it saw. */
const READER = `
use IO::Select;
my ($reads, $bad, %seen) = (0, 0);
my $input = IO::Select->new(\\*STDIN);
until ($input->can_read(0)) {
  $reads++;
  my $text = "";
  if (open my $file, "<", $ARGV[0]) { local $/; $text = <$file> // "" }
  if ($text =~ /^FIRST=(\\d+)\\nFILLER=x{60000}\\nLAST=\\1\\n\\z/) { $seen{$1} = 1 } else { $bad++ }
}
print "$reads $bad ", scalar(keys %seen), "\\n";
`;

/** What a reader saw of the file while the step went on. */
async function readDuring({ host }: Lab, step: () => Promise<void>) {
  const reader = host.machine.spawn(["perl", "-e", READER, `${host.directory}/.env`], { stdio: "pipe" });
  const said = ended(reader);
  await once(reader, "spawn");
  await step();
  reader.stdin?.end();
  const { code, stdout, stderr } = await said;
  assert.equal(code, 0, stderr);
  const [reads = 0, bad = 0, seen = 0] = stdout.split(" ").map(Number);
  return { reads, bad, seen };
}

describe("the swap of .env under a reader", () => {
  const lab = useLab(COMPOSE);

  before(async () => {
    assert.match((await apply(lab(), envOf(1))).stdout, /^applied/);
  });

  /** Rotates and gives what a reader saw meanwhile. */
  const rotate = (first: number, last: number) =>
    readDuring(lab(), async () => {
      for (let rotation = first; rotation <= last; rotation += 1) {
        assert.match((await apply(lab(), envOf(rotation))).stdout, /^applied/);
      }
    });

  it("the reader catches a host program that copies instead of renaming", async () => {
    const program = lab().host.path("usr/local/sbin/p24-host");
    const text = readFileSync(program, "utf8");
    const [renames, copies] = ['mv -f "$new" "$file"', 'cp "$new" "$file"'];
    assert.ok(text.includes(renames));
    writeFileSync(program, text.replace(renames, copies));
    const { bad } = await rotate(2, 11);
    writeFileSync(program, text);
    assert.ok(bad > 0, "it saw a file that was not whole");
  });

  it(`sees one whole file each time through ${ROTATIONS} rotations`, async function () {
    this.timeout(500_000);
    const { reads, bad, seen } = await rotate(12, ROTATIONS + 11);
    console.log(`        ${reads} reads, ${seen} different files`);
    assert.deepEqual({ bad, seen }, { bad: 0, seen: ROTATIONS + 1 });
    assert.ok(reads > 10 * ROTATIONS);
  });
});
