// The official Node.js client, unchanged, against the server that EVENTFEATURES_TEST_LOG names.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import {
  ANY, BACKWARDS, END, EventStoreDBClient, FORWARDS, NO_STREAM, START, STREAM_EXISTS, StreamNotFoundError,
  WrongExpectedVersionError, binaryEvent, eventTypeFilter, jsonEvent, streamNameFilter,
} from "@eventstore/db-client";

const connectionString = process.env.EVENTFEATURES_TEST_LOG;
const prefix = `interop${randomUUID().replaceAll("-", "")}`;
let client;

before(() => {
  assert.ok(connectionString, "EVENTFEATURES_TEST_LOG names no server");
  client = EventStoreDBClient.connectionString(connectionString);
});
after(() => client?.dispose());

const stream = (key) => `${prefix}-${key}`;
const event = (type = "Tested", data = { amount: 12.5 }) => jsonEvent({ id: randomUUID(), type, data, metadata: { traceparent: "00" } });
const collect = async (items, count = Infinity) => {
  const list = [];
  for await (const item of items) if (list.push(item) >= count) break;
  return list;
};

test("appends with every kind of expected revision", async () => {
  const name = stream("append");
  assert.equal((await client.appendToStream(name, event(), { expectedRevision: NO_STREAM })).nextExpectedRevision, 0n);
  assert.equal((await client.appendToStream(name, [event(), event()], { expectedRevision: 0n })).nextExpectedRevision, 2n);
  assert.equal((await client.appendToStream(name, event(), { expectedRevision: ANY })).nextExpectedRevision, 3n);
  const last = await client.appendToStream(name, event(), { expectedRevision: STREAM_EXISTS });
  assert.equal(last.nextExpectedRevision, 4n);
  assert.equal(last.position.commit, last.position.prepare);
});

test("is told of a wrong revision, thrown or as an answer", async () => {
  const name = stream("wrong");
  await client.appendToStream(name, [event(), event()]);
  await assert.rejects(client.appendToStream(name, event(), { expectedRevision: NO_STREAM }), (error) => {
    assert.ok(error instanceof WrongExpectedVersionError);
    assert.equal(error.actualVersion, 1n);
    return true;
  });
  await assert.rejects(client.appendToStream(name, event(), { expectedRevision: 7n }), WrongExpectedVersionError);
  const lenient = EventStoreDBClient.connectionString(`${connectionString}&throwOnAppendFailure=false`);
  const answer = await lenient.appendToStream(name, event(), { expectedRevision: 7n });
  await lenient.dispose();
  assert.equal(answer.success, false);
  await assert.rejects(client.appendToStream(stream("missing"), event(), { expectedRevision: STREAM_EXISTS }), WrongExpectedVersionError);
});

test("the unary append, which credentials of a call's own ask for, behaves the same", async () => {
  const name = stream("unary");
  const credentials = { username: "admin", password: "changeit" };
  assert.equal((await client.appendToStream(name, event(), { expectedRevision: NO_STREAM, credentials })).nextExpectedRevision, 0n);
  await assert.rejects(client.appendToStream(name, event(), { expectedRevision: NO_STREAM, credentials }), WrongExpectedVersionError);
});

test("a retry with the same ids answers as the first time", async () => {
  const events = [event(), event()];
  const first = await client.appendToStream(stream("retry"), events, { expectedRevision: NO_STREAM });
  const again = await client.appendToStream(stream("retry"), events, { expectedRevision: NO_STREAM });
  assert.deepEqual(again.position, first.position);
  assert.equal((await collect(client.readStream(stream("retry")))).length, 2);
});

test("reads a stream in both directions, with what was appended", async () => {
  const name = stream("read-✓");
  const binary = binaryEvent({ type: "Blob", data: Buffer.from([0, 255, 1]) });
  await client.appendToStream(name, [event("First", { größe: "ß" }), event("Second"), binary]);
  const forwards = await collect(client.readStream(name, { direction: FORWARDS, fromRevision: START }));
  assert.deepEqual(forwards.map(({ event }) => event.revision), [0n, 1n, 2n]);
  assert.deepEqual(forwards[0].event.data, { größe: "ß" });
  assert.deepEqual(forwards[0].event.metadata, { traceparent: "00" });
  assert.equal(forwards[0].event.streamId, name);
  assert.ok(forwards[0].event.created instanceof Date);
  assert.deepEqual([...forwards[2].event.data], [0, 255, 1]);
  assert.equal(forwards[2].event.id, binary.id);
  const backwards = await collect(client.readStream(name, { direction: BACKWARDS, fromRevision: END, maxCount: 2 }));
  assert.deepEqual(backwards.map(({ event }) => event.revision), [2n, 1n]);
});

test("a missing stream is an error of its own", async () => {
  await assert.rejects(collect(client.readStream(stream("none"))), StreamNotFoundError);
});

test("reads the whole log in both directions, from a position", async () => {
  await client.appendToStream(stream("all-a"), [event("Alpha"), event("Beta")]);
  await client.appendToStream(stream("all-b"), event("Gamma"));
  const ours = (events) => events.filter(({ event }) => event.streamId.startsWith(stream("all"))).map(({ event }) => event);
  const forwards = ours(await collect(client.readAll({ direction: FORWARDS, fromPosition: START })));
  assert.deepEqual(forwards.map(({ type }) => type), ["Alpha", "Beta", "Gamma"]);
  const backwards = ours(await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 3 })));
  assert.deepEqual(backwards.map(({ type }) => type), ["Gamma", "Beta", "Alpha"]);
  const included = await collect(client.readAll({ fromPosition: forwards[1].position, maxCount: 1 }));
  assert.equal(included[0].event.id, forwards[1].id);
});

test("subscribes to the whole log with an expression on the type", async () => {
  await client.appendToStream(stream("typed"), [event("Alpha" + prefix), event("Beta" + prefix), event("Gamma" + prefix)]);
  const subscription = client.subscribeToAll({ fromPosition: START, filter: eventTypeFilter({ regex: `^(Alpha|Gamma)${prefix}$` }) });
  assert.deepEqual((await collect(subscription, 2)).map(({ event }) => event.type), ["Alpha" + prefix, "Gamma" + prefix]);
});

test("subscribes to a stream from the start and gets live events", async () => {
  const name = stream("follow");
  await client.appendToStream(name, [event(), event()]);
  const subscription = client.subscribeToStream(name, { fromRevision: START });
  const received = collect(subscription, 4);
  await new Promise((resolve) => subscription.once("confirmation", resolve));
  await client.appendToStream(name, [event(), event()]);
  assert.deepEqual((await received).map(({ event }) => event.revision), [0n, 1n, 2n, 3n]);
});

test("subscribes to the whole log with a filter and checkpoints", async () => {
  const checkpoints = [];
  const subscription = client.subscribeToAll({
    fromPosition: START,
    filter: streamNameFilter({ prefixes: [stream("watch")], checkpointInterval: 1, checkpointReached: (_, position) => checkpoints.push(position) }),
  });
  const received = collect(subscription, 3);
  for (let index = 0; index < 60; index++) await client.appendToStream(stream("noise"), event());
  for (let index = 0; index < 3; index++) await client.appendToStream(stream("watch"), event());
  assert.deepEqual((await received).map(({ event }) => event.revision), [0n, 1n, 2n]);
  assert.ok(checkpoints.length > 0);
});

test("many appends at the same time are all kept", async () => {
  await Promise.all(Array.from({ length: 200 }, () => client.appendToStream(stream("many"), event())));
  const all = await collect(client.readStream(stream("many")));
  assert.deepEqual(all.map(({ event }) => event.revision), Array.from({ length: 200 }, (_, index) => BigInt(index)));
});

test("an event close to the limit passes, and one beyond it is refused", async () => {
  const large = (bytes) => binaryEvent({ type: "Large", data: Buffer.alloc(bytes, 7) });
  await client.appendToStream(stream("large"), large(1024 * 1024 - 4096));
  assert.equal((await collect(client.readStream(stream("large"))))[0].event.data.length, 1024 * 1024 - 4096);
  await assert.rejects(client.appendToStream(stream("large"), large(1024 * 1024 + 1)));
});
