import { parseDocument } from "yaml";
import { z } from "zod";

import { type Fault, FaultsError } from "../fault.js";

/** Name of a file of docs/decisions, without its ending. */
const decisionSchema = z.string().regex(/^[a-z0-9-]+$/, "must be the name of a file in docs/decisions");

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
  /** How to see that it is where it belongs, when `p24 status` does not tell. */
  verify: z.string().optional(),
  /** The record of docs/decisions that says why it has this tier. */
  decision: decisionSchema.optional(),
});

/** A credential that no source holds: a short-lived one took its place, or its service keeps it. */
const outsideSchema = z.strictObject({
  tier: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  /** What it is, or was, for. */
  purpose: z.string(),
  /** What took its place, or how it renews itself. */
  replaced_by: z.string(),
  verify: z.string(),
  decision: decisionSchema.optional(),
});

const inventorySchema = z.strictObject({
  secrets: z.record(z.string(), secretSchema),
  outside: z.record(z.string(), outsideSchema).default({}),
});

export type InventoryEntry = z.infer<typeof secretSchema>;
export type OutsideEntry = z.infer<typeof outsideSchema>;
/** By key of the sources. It annotates; what it does not list has the defaults. */
export type Inventory = ReadonlyMap<string, InventoryEntry>;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/** Reads the secrets of inventory.yaml. Throws a FaultsError with all faults. */
export function parseInventory(text: string, file = "inventory.yaml"): Inventory {
  return parseWholeInventory(text, file).secrets;
}

/** All of inventory.yaml: with the credentials that no source holds. */
export interface WholeInventory {
  readonly secrets: Inventory;
  /** By name, as people know it. */
  readonly outside: ReadonlyMap<string, OutsideEntry>;
}

/** Reads all of inventory.yaml. Throws a FaultsError with all faults. */
export function parseWholeInventory(text: string, file = "inventory.yaml"): WholeInventory {
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
  const { secrets, outside } = parsed.data;
  return { secrets: new Map(Object.entries(secrets)), outside: new Map(Object.entries(outside)) };
}

function inventoryFault(issue: z.core.$ZodIssue, file: string): Fault {
  const repair = "edit the file; its fields are described in docs/architecture.md";
  const unknown = issue.code === "unrecognized_keys";
  const name = [...issue.path, ...(unknown ? issue.keys : [])].map(String).join(".");
  return name === ""
    ? { where: file, what: "is empty", repair }
    : { where: file, name, what: unknown ? "is not known here" : issue.message, repair };
}
