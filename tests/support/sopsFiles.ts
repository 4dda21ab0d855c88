/** A folder with sources that the real sops encrypted, and an environment that finds no identity but the given one. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { run } from "../../core/process.js";
import { useTools } from "./tools.js";

/** An environment whose home holds no identity. `root` must be a temporary folder. */
export function emptyHome(root: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const home = join(root, "home");
  return { PATH: process.env["PATH"], HOME: home, XDG_CONFIG_HOME: join(home, ".config"), ...more };
}

/** Writes a file below a folder that need not exist yet. */
export async function put(root: string, path: string, text: string): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Encrypts values as sops does, as the text of a file. ASCII JSON is YAML, with every string quoted. */
export async function sopsText(
  root: string,
  values: Readonly<Record<string, unknown>>,
  recipients: readonly string[],
): Promise<string> {
  await useTools();
  const args = ["encrypt", "--age", recipients.join(","), "--input-type", "yaml", "--output-type", "yaml"];
  let said = "";
  const { code, stdout } = await run("sops", [...args, "--filename-override", "a.yaml"], {
    cwd: root,
    env: emptyHome(root),
    listen: (text) => (said += text),
    input: JSON.stringify(values).replace(
      /[^ -~]/gu,
      (sign) => `\\U${(sign.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`,
    ),
  });
  if (code !== 0) {
    throw new Error(`sops encrypt ended with ${String(code)}: ${said}`);
  }
  return stdout;
}
