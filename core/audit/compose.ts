import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";

import { type Fault, FaultsError } from "../fault.js";
import { Secret } from "../seal/secret.js";

/** A variable that a Compose file takes from outside of itself. */
export interface ComposeUse {
  readonly name: string;
  readonly line: number;
  /** The file says what is used when it is not set. */
  readonly hasDefault: boolean;
}

/** What a Compose file says of variables. */
export interface ComposeFile {
  /** Values that stand in it, below a service's `environment`, by name. */
  readonly literals: ReadonlyMap<string, Secret>;
  readonly uses: readonly ComposeUse[];
  /** `env_file` of its services, as they stand there. */
  readonly envFiles: readonly string[];
  /** Names that no variable has: they are not repeated, because it may be a value that stands there. */
  readonly faults: readonly Fault[];
}

/** Of a variable, as core/seal/dotenvReader.ts reads it too. */
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * Reads a Compose file as far as variables go (docs.docker.com, "Interpolation", "environment", "env_file"). Throws a
 * FaultsError when it is no YAML.
 */
export function readComposeFile(text: string, where: string): ComposeFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, logLevel: "silent" });
  const lineOf = (offset: number | undefined) => lines.linePos(offset ?? 0).line;
  const [error] = document.errors;
  if (error !== undefined) {
    const at = `${where}:${String(lineOf(error.pos[0]))}`;
    throw new FaultsError([{ where: at, what: "is not valid YAML", repair: "docker compose config shows why" }]);
  }
  const literals = new Map<string, Secret>();
  const uses: ComposeUse[] = [];
  const envFiles: string[] = [];
  const faults: Fault[] = [];
  const assign = (name: string, value: unknown, line: number) => {
    if (!NAME.test(name)) {
      const what = "has a name below environment that no variable has";
      faults.push({ where: `${where}:${String(line)}`, what, repair: "write NAME: value, or - NAME=value" });
    } else if (value === null || value === undefined) {
      uses.push({ name, line, hasDefault: true }); // taken from Compose's own environment, and left out when it is not set
    } else if (referencesIn(plainText(value)).length === 0) {
      literals.set(name, new Secret(plainText(value)));
    }
  };
  visit(document, {
    Pair: (_, { key, value }) => {
      const name = isScalar(key) ? String(key.value) : "";
      if (name === "environment" && isMap(value)) {
        for (const item of value.items) {
          const line = lineOf(isScalar(item.key) ? item.key.range?.[0] : undefined);
          assign(
            isScalar(item.key) ? String(item.key.value) : "",
            isScalar(item.value) ? item.value.value : null,
            line,
          );
        }
      } else if (name === "environment" && isSeq(value)) {
        for (const item of value.items.filter(isScalar)) {
          const [, variable = "", rest] = /^([^=]*)(?:=([\s\S]*))?$/.exec(plainText(item.value)) ?? [];
          assign(variable, rest, lineOf(item.range?.[0]));
        }
      } else if (name === "env_file") {
        const list = isSeq(value) ? value.items : [value];
        envFiles.push(...list.flatMap((one) => pathOf(isMap(one) ? one.get("path") : isScalar(one) ? one.value : one)));
      }
    },
    Scalar: (position, node, path) => {
      const parent = path.at(-1);
      if (typeof node.value === "string" && !(isPair(parent) && position === "key")) {
        const line = lineOf(node.range?.[0]);
        uses.push(...referencesIn(node.value).map((reference) => ({ ...reference, line })));
      }
    },
  });
  return { literals, uses, envFiles, faults };
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function pathOf(value: unknown): string[] {
  return typeof value === "string" ? [value] : [];
}

/** `$NAME` and `${NAME…}`, also in the defaults of others; `$$` is a dollar sign. */
function referencesIn(text: string): Omit<ComposeUse, "line">[] {
  const found = text.matchAll(/\$\$|\$(?:\{([A-Za-z_]\w*)(:?[-?+])?|([A-Za-z_]\w*))/g);
  return [...found].flatMap(([, braced, operator, bare]) => {
    const name = braced ?? bare;
    return name === undefined ? [] : [{ name, hasDefault: /[-+]/.test(operator ?? "") }];
  });
}
