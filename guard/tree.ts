import type { Finding, Hit } from "./finding.mjs";
import { parseListed } from "./git/entries.mjs";
import { gitText } from "./git/run.mjs";
import { lockoutHits, readRules, recipientHits } from "./rules/recipients.mjs";
import { isSourcePath } from "./rules/names.mjs";
import { readSource } from "./rules/sources.mjs";

/** What was found in the sources and rules of one commit, and how many sources it has. */
export interface TreeVerdict {
  readonly findings: readonly Finding[];
  readonly sources: number;
  /** Of these, templates that nobody has filled yet. */
  readonly templates: number;
}

const RULES = ".sops.yaml";

/**
 * Judges the sources as a commit has them, changed by it or not: encrypted, recipients of their rules, no root of trust; and
 * that the rules lock nobody out.
 */
export async function judgeTree(root: string, revision: string, env: NodeJS.ProcessEnv): Promise<TreeVerdict> {
  const entries = parseListed(await gitText(root, ["ls-tree", "-r", "-z", revision], { env }));
  const sources = await Promise.all(
    entries
      .filter(({ path }) => isSourcePath(path))
      .map(async ({ path, blob }) => {
        const text = await gitText(root, ["cat-file", "blob", blob], { env });
        return { path, blob, source: readSource(text, path) };
      }),
  );
  const findings: Finding[] = sources.flatMap(({ path, blob, source }) =>
    source.hits.map((hit) => ({ ...hit, path, blob })),
  );
  const rules = entries.find(({ path }) => path === RULES);
  if (rules === undefined) {
    if (sources.length > 0) {
      const what = "is missing, so nobody can tell who should open the sources";
      findings.push({ path: RULES, blob: "", rule: "sops-rules", what, repair: "take it from an earlier commit" });
    }
  } else {
    const place = { path: RULES, blob: rules.blob };
    const read = readRules(await gitText(root, ["cat-file", "blob", rules.blob], { env }));
    const own: readonly Hit[] = read.rules === undefined ? read.hits : lockoutHits(read.rules);
    findings.push(...own.map((hit) => ({ ...hit, ...place })));
    for (const { path, blob, source } of sources) {
      if (read.rules !== undefined && source.state === "encrypted") {
        const hits = recipientHits(read.rules, path, source.recipients);
        findings.push(...hits.map((hit) => ({ ...hit, path, blob })));
      }
    }
  }
  const templates = sources.filter(({ source }) => source.state === "template").length;
  return { findings, sources: sources.length, templates };
}
