/** Proves what tests/gateway/mixed.test.ts proves, with ten thousand requests. */
import { mixedRequests } from "../gateway/support/mixed.js";

mixedRequests(10_000);
