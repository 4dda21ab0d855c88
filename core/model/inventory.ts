import { parseDocument } from "yaml";
import { z } from "zod";

import { type Fault, FaultsError } from "../fault.js";

const secretSchema = z.strictObject({
  /** 1 short-lived identity, 2 rotates itself, 3 static in sops. */
  tier: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(3),
  /** Who issues the value: where it is revoked and made anew. */
  issuer: z.string().optional(),
  /** Who rotates it. */
  owner: z.string().optional(),
  rotation_days: z.int().positive().optional(),
  /** One of the six that infrastructure-overview.md §9 wants rotated. */
  flagged: z.boolean().default(false),
  /** Regular expression that the whole value must match. */
  form: z.string().refine(isPattern, "is not a regular expression").optional(),
  /** How a new value takes effect: a restart is enough, an action is needed, or it must never be generated. */
  effect: z.enum(["env", "procedure", "never-generate"]).default("env"),
  /** What to do where `effect` is not `env`. */
  procedure: z.string().optional(),
  /** Where it goes, when not where its file says: `hosts`, `github`, or a host's name. */
  to: z.array(z.string()).min(1).optional(),
  /** The variable's name, when not the key in upper case. */
  as: z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/, "must be an upper-case variable name")
    .optional(),
  note: z.string().optional(),
});

const inventorySchema = z.strictObject({ secrets: z.record(z.string(), secretSchema) });

export type InventoryEntry = z.infer<typeof secretSchema>;
/** By key of the sources. It annotates; what it does not list has the defaults. */
export type Inventory = ReadonlyMap<string, InventoryEntry>;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/** Reads inventory.yaml. Throws a FaultsError with all faults. */
export function parseInventory(text: string, file = "inventory.yaml"): Inventory {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new FaultsError(
      document.errors.map((error) => ({
        where: `${file}:${String(error.linePos?.[0].line ?? 1)}`,
        what: error.code === "DUPLICATE_KEY" ? "has a key twice" : "is not valid YAML",
        repair: "edit the file",
      })),
    );
  }
  const parsed = inventorySchema.safeParse(document.toJS());
  if (!parsed.success) {
    throw new FaultsError(parsed.error.issues.map((issue) => inventoryFault(issue, file)));
  }
  return new Map(Object.entries(parsed.data.secrets));
}

function inventoryFault(issue: z.core.$ZodIssue, file: string): Fault {
  const repair = "edit the file; its fields are described in docs/architecture.md";
  const unknown = issue.code === "unrecognized_keys";
  const name = [...issue.path, ...(unknown ? issue.keys : [])].map(String).join(".");
  return name === ""
    ? { where: file, what: "is empty", repair }
    : { where: file, name, what: unknown ? "is not known here" : issue.message, repair };
}
