import { run } from "../../../core/process.js";
import { findPrograms } from "../../tools.js";
import { bad, type Check, type Finding, ok } from "../check.js";

/** Programs that some verbs start, and what they are for. */
const SOMETIMES = [
  {
    name: "ssh",
    args: ["-V"],
    use: "p24 host install logs in with it",
    repair: "install OpenSSH's client (Windows: Settings, System, Optional features)",
  },
  { name: "gh", args: ["--version"], use: "roots of trust are set with it, by hand", repair: "https://cli.github.com" },
] as const;

const NODE = { major: 20, minor: 19 };

/** Node and the programs that are started by name. */
export const tools: Check = {
  area: "tools",
  async look({ env }) {
    const [programs, sometimes] = await Promise.all([
      findPrograms(env),
      Promise.all(SOMETIMES.map((one) => missing(one, env))),
    ]);
    const found = programs.map(({ name, version, fits, wanted }): Finding =>
      fits
        ? ok(`${name} ${version ?? ""}`)
        : bad(
            "fault",
            `${name} is ${version ?? "not on PATH"}; needed: ${wanted}`,
            "node toolchain/setup.mjs, and put the folder that its last line names on PATH",
          ),
    );
    return [node(process.versions.node), ...found, ...sometimes.flat()];
  },
};

export function node(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > NODE.major || (major === NODE.major && minor >= NODE.minor)
    ? ok(`node ${version}`)
    : bad("fault", `node is ${version}; needed: 20.19 or later`, "install the current LTS: https://nodejs.org");
}

async function missing(
  { name, args, use, repair }: (typeof SOMETIMES)[number],
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  const { code } = await run(name, args, { env });
  return code === undefined ? [bad("warn", `${name} is not on PATH; ${use}`, repair)] : [];
}
