import { status } from "@grpc/grpc-js";

/**
 * A failure whose message may be shown: it is worded here, and holds what the official plugin would show, too. The
 * message of any other error can repeat an input (Node does so for arguments that it refuses) and is never passed on.
 */
export class Failure extends Error {
  constructor(
    message: string,
    readonly code: status = status.UNKNOWN,
  ) {
    super(message);
  }
}
