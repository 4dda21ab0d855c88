/** Actions secrets and variables. */
import { stamp } from "../state/time.js";
import type { Repository, Schema, Secret, Variable } from "../state/types.js";

/** A secret: everything but its value, which GitHub never gives back. */
export const actionsSecret = (secret: Secret): Schema<"actions-secret"> => ({
  name: secret.name,
  created_at: stamp(secret.createdAt),
  updated_at: stamp(secret.updatedAt),
});

/** What a client seals values with. */
export const publicPart = (repository: Repository): Schema<"actions-public-key"> => ({
  key_id: repository.sealing.id,
  key: repository.sealing.publicPart.toString("base64"),
});

/** A variable; its value is no secret. */
export const actionsVariable = (variable: Variable): Schema<"actions-variable"> => ({
  name: variable.name,
  value: variable.value,
  created_at: stamp(variable.createdAt),
  updated_at: stamp(variable.updatedAt),
});
