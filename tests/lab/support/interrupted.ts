import type { Ended } from "../../../lab/machine.js";
import { Interrupter, TOOLS } from "../../support/interrupter.js";
import { apply, type Lab } from "./host.js";

/** Where the wrappers count. */
const NOTES = "/run/p24-interrupter";

/** Puts wrappers in front of the machine's tools, where the host program looks first. */
export async function interruptLab(lab: Lab): Promise<Interrupter<Ended>> {
  const { machine } = lab.host;
  await machine.must(["mkdir", "-m", "700", NOTES]);
  const found = await machine.must(["sh", "-c", 'for tool; do command -v "$tool" || exit 1; done', "find", ...TOOLS]);
  const paths = found.trim().split("\n");
  return new Interrupter({
    bin: "/usr/local/sbin",
    notes: NOTES,
    reach: (path) => lab.host.path(path),
    originals: new Map(TOOLS.map((tool, index) => [tool, paths[index] ?? ""])),
    apply: (env) => apply(lab, env),
  });
}
