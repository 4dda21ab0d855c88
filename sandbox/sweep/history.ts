import { run } from "../../core/process.js";
import type { World } from "../world/world.js";
import type { Named } from "./canaries.js";
import { output } from "./places.js";

/** Every value that any commit's sources ever held, opened with the operator's identity. */
export async function valuesInHistory({ paths, env }: Pick<World, "paths" | "env">): Promise<Named[]> {
  const list = await output(paths.work, env, ["rev-list", "--all", "--objects", "--", "secrets"]);
  const blobs = list
    .toString("utf8")
    .split("\n")
    .flatMap((line) => {
      const [, id, source] = /^([0-9a-f]+) secrets\/(.+)\.sops\.yaml$/.exec(line) ?? [];
      return id === undefined || source === undefined ? [] : [{ id, source }];
    });
  const args = ["decrypt", "--input-type", "yaml", "--output-type", "json"];
  const opened = await Promise.all(
    blobs.map(async ({ id, source }) => {
      const input = (await output(paths.work, env, ["cat-file", "blob", id])).toString("utf8");
      const { code, stdout } = await run("sops", args, { cwd: paths.work, env, input });
      if (code !== 0) {
        throw new Error(`sops could not open ${source} of blob ${id.slice(0, 12)}`);
      }
      const values = JSON.parse(stdout) as Record<string, string>;
      return Object.entries(values).map(([key, value]) => ({ secret: `${source}/${key}`, value }));
    }),
  );
  return opened.flat();
}
