/**
 * Proves in the real runtime that of a thousand requests, many at once, right and hostile, each gets its own answer: forwarded
 * once or not at all, and logged with its own reason. `npm run prove` sends ten thousand.
 */
import { mixedRequests } from "./support/mixed.js";

mixedRequests(1_000);
