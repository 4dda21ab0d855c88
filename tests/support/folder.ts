/** A temporary folder for the tests of one `describe` block, gone afterwards. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Call inside of `describe`; the returned function gives the folder's path inside of its tests. */
export function temporaryFolder(): () => string {
  let path = "";
  before(async () => {
    path = await realpath(await mkdtemp(join(tmpdir(), "p24-test-")));
  });
  after(async () => {
    await rm(path, { recursive: true, force: true });
  });
  return () => path;
}
