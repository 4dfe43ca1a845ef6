// The official Node.js clients, unchanged, and the few words in which they differ.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test as nodeTest } from "node:test";
import { inspect } from "node:util";

// How long one test may take, on a slow machine too; in milliseconds. What waits for an answer gives up before.
const timeout = 40_000;
const patience = 30_000;

const connectionString = process.env.EVENTFEATURES_TEST_LOG ?? "";

// One a process: both register their generated messages under the same global names.
const known = {
  "@eventstore/db-client": {
    connect: ({ EventStoreDBClient }, options) => EventStoreDBClient.connectionString(connectionString + options),
    expecting: (expected) => ({ expectedRevision: expected }),
    actual: (error) => error.actualVersion,
  },
  "@kurrent/kurrentdb-client": {
    connect: ({ KurrentDBClient }, options) => KurrentDBClient.connectionString(connectionString.replace(/^esdb/, "kurrentdb") + options),
    expecting: (expected) => ({ streamState: expected }),
    actual: (error) => error.actualState,
  },
};

const name = process.env.EVENTFEATURES_TEST_CLIENT ?? "@eventstore/db-client";
assert.ok(known[name], `EVENTFEATURES_TEST_CLIENT is '${name}'; choose one of ${Object.keys(known).join(", ")}`);
const library = await import(name);

// What every test needs: the client, streams and types that nobody else uses, and its own kind of events.
export function bench() {
  assert.ok(connectionString, "EVENTFEATURES_TEST_LOG names no server");
  const prefix = `interop${randomUUID().replaceAll("-", "")}`;
  return {
    ...known[name],
    name,
    library,
    prefix,
    connect: (options = "") => known[name].connect(library, options),
    stream: (key) => `${prefix}-${key}`,
    event: (type = "Tested", data = { amount: 12.5 }) =>
      library.jsonEvent({ id: randomUUID(), type, data, metadata: { traceparent: "00" } }),
    bytes: (data, type = "Blob") => library.binaryEvent({ id: randomUUID(), type, data }),
  };
}

// The first items of a read or subscription, or all of them.
export async function collect(items, count = Infinity) {
  const list = [];
  for await (const item of await items) if (list.push(item) >= count) break;
  return list;
}

// Asks until the answer is as expected. In the end it tells the last one, by which a hang is understood.
export async function eventually(ask, isExpected) {
  const late = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (isExpected(answer)) return answer;
    assert.ok(Date.now() < late, `It did not come about in ${patience} ms; the last answer was ${inspect(answer, { depth: 4 })}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// A test with a deadline of its own: one that hangs is named, and the ones after it still run.
export const test = (name, body) => nodeTest(name, { timeout }, body);
