import { basename } from "node:path";

import type { NamedSecret } from "../core/seal/valueSearch.js";
import { openText } from "../core/sources/decrypt.js";
import { parseListed } from "./git/entries.mjs";
import { gitText } from "./git/run.mjs";
import { isSourcePath } from "./rules/names.mjs";
import { readSource } from "./rules/sources.mjs";

/** The team's own values, as far as an identity of this machine opens them. */
export interface KnownValues {
  readonly values: readonly NamedSecret[];
  /** Texts of sources that were opened. */
  readonly opened: number;
  /** Paths of sources that nobody here opens, each once. */
  readonly closed: readonly string[];
}

interface SourceBlob {
  readonly path: string;
  readonly blob: string;
}

/** So many sops run side by side. */
const AT_ONCE = 4;

/** The values of the sources as some commits have them. */
export async function valuesAt(
  root: string,
  revisions: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<KnownValues> {
  const trees = await Promise.all(
    revisions.map(async (revision) => parseListed(await gitText(root, ["ls-tree", "-r", "-z", revision], { env }))),
  );
  return openAll(root, trees.flat(), env);
}

/** The values of the sources as any commit had them. */
export async function valuesInHistory(
  root: string,
  revs: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<KnownValues> {
  // Every object below the folders of sources, each once.
  const args = ["rev-list", "--objects", ...revs, "--", ":(icase)**/secrets/**", ":(icase)secrets/**"];
  const listed = (await gitText(root, args, { env })).split("\n").flatMap((line) => {
    const [, blob = "", path = ""] = /^([0-9a-f]+) (.+)$/.exec(line) ?? [];
    return path === "" ? [] : [{ blob, path }];
  });
  return openAll(root, listed, env);
}

async function openAll(root: string, listed: readonly SourceBlob[], env: NodeJS.ProcessEnv): Promise<KnownValues> {
  const blobs = [...new Map(listed.filter(({ path }) => isSourcePath(path)).map((one) => [one.blob, one])).values()];
  const values = new Map<string, NamedSecret[]>();
  const closed = new Set<string>();
  let opened = 0;
  const openNext = async (): Promise<void> => {
    for (let next = blobs.pop(); next !== undefined; next = blobs.pop()) {
      const { path, blob } = next;
      const text = await gitText(root, ["cat-file", "blob", blob], { env });
      if (readSource(text, path).recipients.size === 0 && !/^sops:/m.test(text)) {
        continue; // a template, or plain: what it holds is judged by the rules
      }
      const found = await openText(root, text, path, env);
      if (found === undefined) {
        closed.add(path);
        continue;
      }
      opened += 1;
      const source = basename(path).replace(/(?:\.sops)?\.ya?ml$/i, "");
      values.set(
        blob,
        [...found].map(([key, secret]) => ({ name: `${source}/${key}`, secret })),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openNext));
  return { values: [...values.values()].flat(), opened, closed: [...closed].sort() };
}
