// Appends, reads and catch-up subscriptions of the official clients, against the server that EVENTFEATURES_TEST_LOG names.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { bench, collect, test } from "./clients.js";

const { stream, event, bytes, prefix, expecting, actual, connect, library } = bench();
const { ANY, BACKWARDS, END, FORWARDS, NO_STREAM, START, STREAM_EXISTS, StreamNotFoundError, WrongExpectedVersionError } = library;
let client;
before(() => { client = connect(); });
after(() => client?.dispose());
const append = (name, events, expected = ANY, options = {}) => client.appendToStream(name, events, { ...expecting(expected), ...options });

test("appends with every kind of expected revision", async () => {
  const name = stream("append");
  assert.equal((await append(name, event(), NO_STREAM)).nextExpectedRevision, 0n);
  assert.equal((await append(name, [event(), event()], 0n)).nextExpectedRevision, 2n);
  assert.equal((await append(name, event(), ANY)).nextExpectedRevision, 3n);
  const last = await append(name, event(), STREAM_EXISTS);
  assert.equal(last.nextExpectedRevision, 4n);
  assert.equal(last.position.commit, last.position.prepare);
});

test("is told of a wrong revision, thrown or as an answer", async () => {
  const name = stream("wrong");
  await append(name, [event(), event()]);
  await assert.rejects(append(name, event(), NO_STREAM), (error) => {
    assert.ok(error instanceof WrongExpectedVersionError);
    assert.equal(actual(error), 1n);
    return true;
  });
  await assert.rejects(append(name, event(), 7n), WrongExpectedVersionError);
  await assert.rejects(append(stream("missing"), event(), STREAM_EXISTS), WrongExpectedVersionError);
  await assert.rejects(append(stream("missing"), event(), 0n), WrongExpectedVersionError);
  const lenient = connect("&throwOnAppendFailure=false");
  const answer = await lenient.appendToStream(name, event(), expecting(7n));
  await lenient.dispose();
  assert.equal(answer.success, false);
});

test("the unary append, which credentials of a call's own ask for, behaves the same", async () => {
  const name = stream("unary");
  const credentials = { username: "admin", password: "changeit" };
  assert.equal((await append(name, event(), NO_STREAM, { credentials })).nextExpectedRevision, 0n);
  await assert.rejects(append(name, event(), NO_STREAM, { credentials }), WrongExpectedVersionError);
  await assert.rejects(append(name, event(), 5n, { credentials }), WrongExpectedVersionError);
});

test("a retry with the same ids answers as the first time, whatever it expects", async () => {
  for (const expected of [NO_STREAM, ANY]) {
    const name = stream(`retry-${expected}`);
    const events = [event(), event()];
    const first = await append(name, events, expected);
    const again = await append(name, events, expected);
    assert.deepEqual(again.position, first.position);
    assert.equal(again.nextExpectedRevision, first.nextExpectedRevision);
    assert.equal((await collect(client.readStream(name))).length, 2);
  }
});

test("reads a stream in both directions, with what was appended", async () => {
  const name = stream("read-✓");
  const binary = bytes(Buffer.from([0, 255, 1]));
  await append(name, [event("First", { größe: "ß" }), event("Second"), binary]);
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
  const middle = await collect(client.readStream(name, { direction: FORWARDS, fromRevision: 1n, maxCount: 1 }));
  assert.deepEqual(middle.map(({ event }) => event.type), ["Second"]);
});

test("a missing stream is an error of its own", async () => {
  await assert.rejects(collect(client.readStream(stream("none"))), StreamNotFoundError);
});

test("reads the whole log in both directions, from a position", async () => {
  await append(stream("all-a"), [event("Alpha"), event("Beta")]);
  const last = await append(stream("all-b"), event("Gamma"));
  const ours = (events) => events.filter(({ event }) => event?.streamId.startsWith(stream("all"))).map(({ event }) => event);
  const forwards = ours(await collect(client.readAll({ direction: FORWARDS, fromPosition: START })));
  assert.deepEqual(forwards.map(({ type }) => type), ["Alpha", "Beta", "Gamma"]);
  const after = { commit: last.position.commit + 1n, prepare: last.position.prepare + 1n };
  const backwards = ours(await collect(client.readAll({ direction: BACKWARDS, fromPosition: after, maxCount: 3 })));
  assert.deepEqual(backwards.map(({ type }) => type), ["Gamma", "Beta", "Alpha"]);
  const included = await collect(client.readAll({ fromPosition: forwards[1].position, maxCount: 1 }));
  assert.equal(included[0].event.id, forwards[1].id);
});

test("subscribes to the whole log with prefixes or an expression, of the stream or of the type", async () => {
  const [alpha, beta, gamma] = ["Alpha", "Beta", "Gamma"].map((type) => type + prefix);
  await append(stream("typed"), [event(alpha), event(beta), event(gamma)]);
  const types = async (filter, count) =>
    (await collect(client.subscribeToAll({ fromPosition: START, filter }), count)).map(({ event }) => event.type);
  assert.deepEqual(await types(library.eventTypeFilter({ regex: `^(Alpha|Gamma)${prefix}$` }), 2), [alpha, gamma]);
  assert.deepEqual(await types(library.eventTypeFilter({ prefixes: [beta, gamma] }), 2), [beta, gamma]);
  assert.deepEqual(await types(library.streamNameFilter({ regex: `^${stream("typed")}$` }), 3), [alpha, beta, gamma]);
  assert.deepEqual(await types(library.streamNameFilter({ prefixes: [stream("ty")] }), 3), [alpha, beta, gamma]);
});

test("subscribes to a stream from the start, a revision or the end, and gets live events", async () => {
  const name = stream("follow");
  await append(name, [event(), event()]);
  const revisions = async (fromRevision, count) => (await collect(client.subscribeToStream(name, { fromRevision }), count)).map(({ event }) => event.revision);
  const all = [revisions(START, 4), revisions(0n, 3)];
  const live = client.subscribeToStream(name, { fromRevision: END });
  const received = collect(live, 2);
  await new Promise((resolve) => live.once("confirmation", resolve));
  await append(name, [event(), event()]);
  assert.deepEqual(await Promise.all(all), [[0n, 1n, 2n, 3n], [1n, 2n, 3n]]);
  assert.deepEqual((await received).map(({ event }) => event.revision), [2n, 3n]);
});

test("a subscription to a stream that does not exist yet waits for it", async () => {
  const subscription = client.subscribeToStream(stream("later"), { fromRevision: START });
  const received = collect(subscription, 1);
  await new Promise((resolve) => subscription.once("confirmation", resolve));
  await append(stream("later"), event("Late"));
  assert.equal((await received)[0].event.type, "Late");
});

test("subscribes to the whole log with a filter and checkpoints", async () => {
  const checkpoints = [];
  const subscription = client.subscribeToAll({
    fromPosition: START,
    filter: library.streamNameFilter({ prefixes: [stream("watch")], checkpointInterval: 1, checkpointReached: (_, position) => checkpoints.push(position) }),
  });
  const received = collect(subscription, 3);
  for (let index = 0; index < 60; index++) await append(stream("noise"), event());
  for (let index = 0; index < 3; index++) await append(stream("watch"), event());
  assert.deepEqual((await received).map(({ event }) => event.revision), [0n, 1n, 2n]);
  assert.ok(checkpoints.length > 0);
});

test("many appends at the same time are all kept", async () => {
  await Promise.all(Array.from({ length: 200 }, () => append(stream("many"), event())));
  const all = await collect(client.readStream(stream("many")));
  assert.deepEqual(all.map(({ event }) => event.revision), Array.from({ length: 200 }, (_, index) => BigInt(index)));
});

test("many events in one append keep their order", async () => {
  const events = Array.from({ length: 2000 }, (_, index) => event("Numbered", { index }));
  assert.equal((await append(stream("batch"), events)).nextExpectedRevision, 1999n);
  const all = await collect(client.readStream(stream("batch")));
  assert.deepEqual(all.map(({ event }) => event.data.index), events.map((_, index) => index));
});

test("an append up to 1 MiB passes, one beyond it is refused and changes nothing", async () => {
  const type = "Large";
  const most = 1024 * 1024 - 2 * type.length;
  await append(stream("large"), bytes(Buffer.alloc(most - 1024, 7), type));
  await assert.rejects(append(stream("large"), bytes(Buffer.alloc(1024 * 1024 + 1, 7), type)));
  await assert.rejects(append(stream("large"), [bytes(Buffer.alloc(most / 2, 7), type), bytes(Buffer.alloc(most, 7), type)]));
  const all = await collect(client.readStream(stream("large")));
  assert.deepEqual(all.map(({ event }) => event.data.length), [most - 1024]);
  assert.ok(all[0].event.data.every((byte) => byte === 7));
});

test("odd names, types and payloads come back as they went", async () => {
  const names = ["空间-🚀", "a/b?c=d&e#f", "with space", "%41%00", "Ünï-cödé", "x".repeat(500), "dots...-", "tab\there"].map(stream);
  for (const name of names) {
    await append(name, [event("Тип-☃", { text: "\u0000\u2028 ' \" \\ 😀", nested: [null, true, 1e-7, { "": [] }] }), bytes(Buffer.alloc(0)), bytes(Buffer.from([...Array(256).keys()]))]);
    const [json, empty, all] = (await collect(client.readStream(name))).map(({ event }) => event);
    assert.deepEqual([json.streamId, json.type, json.data.text], [name, "Тип-☃", "\u0000\u2028 ' \" \\ 😀"]);
    assert.deepEqual(json.data.nested, [null, true, 1e-7, { "": [] }]);
    assert.equal(empty.data.length, 0);
    assert.deepEqual([...all.data], [...Array(256).keys()]);
  }
});

test("an empty append succeeds and creates no stream", async () => {
  const answer = await append(stream("empty"), []);
  assert.equal(answer.success, true);
  await assert.rejects(collect(client.readStream(stream("empty"))), StreamNotFoundError);
});
