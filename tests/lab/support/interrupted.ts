import type { LabHost } from "../../../lab/host.js";
import { Interrupter, TOOLS } from "../../support/interrupter.js";

/** Where the wrappers count. */
const NOTES = "/run/p24-interrupter";

/** Puts wrappers in front of a machine's tools, where the host program looks first. `apply` is how a test starts it. */
export async function interruptLab<Ran>(
  host: LabHost,
  apply: (env: string) => Promise<Ran>,
): Promise<Interrupter<Ran>> {
  const { machine } = host;
  await machine.must(["mkdir", "-m", "700", NOTES]);
  const found = await machine.must(["sh", "-c", 'for tool; do command -v "$tool" || exit 1; done', "find", ...TOOLS]);
  const paths = found.trim().split("\n");
  return new Interrupter({
    bin: "/usr/local/sbin",
    notes: NOTES,
    reach: (path) => host.path(path),
    originals: new Map(TOOLS.map((tool, index) => [tool, paths[index] ?? ""])),
    apply,
  });
}
