// Persistent subscriptions of the official clients, against the server that EVENTFEATURES_TEST_LOG names.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { bench, collect, eventually, test } from "./clients.js";

const { stream, event, prefix, connect, library } = bench();
const {
  DISPATCH_TO_SINGLE, END, PARK, PINNED, RETRY, SKIP, START, persistentSubscriptionToAllSettingsFromDefaults: allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults: streamSettings, streamNameFilter,
  PersistentSubscriptionDoesNotExistError: DoesNotExist, PersistentSubscriptionDroppedError: Dropped,
  PersistentSubscriptionExistsError: Exists, PersistentSubscriptionMaximumSubscribersReachedError: TooMany,
} = library;
const group = "workers";
const quick = { startFrom: START, checkPointAfter: 50, checkPointLowerBound: 1, checkPointUpperBound: 5 };
let client;
before(() => { client = connect(); });
after(() => client?.dispose());

const appended = async (key, count) => {
  const name = stream(key);
  await client.appendToStream(name, Array.from({ length: count }, (_, index) => event("Tested", { index })));
  return name;
};
// Handles events one by one, in the way that is given, until there were enough; then leaves, once that is settled.
const handle = async (subscription, count, { how = (resolved) => subscription.ack(resolved), settled = async () => {} } = {}) => {
  const handled = [];
  for await (const resolved of subscription) {
    await how(resolved);
    if (handled.push(resolved) >= count) break;
  }
  // The client leaves by cancelling its call, with which the last answers may be lost, as on a real server: their events
  // come again. Whoever counts on them waits until the group shows them.
  await settled();
  // Leaving the loop alone does not tell the server, which would keep what is in flight until its time is up.
  await subscription.unsubscribe();
  return handled;
};
const ended = (subscription) => new Promise((resolve) => subscription.once("error", resolve));
const info = (name) => client.getPersistentSubscriptionToStreamInfo(name, group);
const nothingInFlight = (name) => eventually(() => info(name), ({ stats }) => stats.totalInFlightMessages === 0);

test("creates, subscribes, acknowledges, and goes on where it stopped", async () => {
  const name = await appended("ack", 10);
  await client.createPersistentSubscriptionToStream(name, group, streamSettings(quick));
  const first = client.subscribeToPersistentSubscriptionToStream(name, group, { bufferSize: 1 });
  const settled = () => eventually(() => info(name), ({ stats }) => stats.lastCheckpointedEventRevision === 3n);
  assert.deepEqual((await handle(first, 4, { settled })).map(({ event }) => event.revision), [0n, 1n, 2n, 3n]);
  const second = client.subscribeToPersistentSubscriptionToStream(name, group);
  const rest = await handle(second, 6);
  assert.deepEqual(rest.map(({ event }) => event.revision).sort(), [4n, 5n, 6n, 7n, 8n, 9n]);
});

test("live events come with a retry count, and the confirmation first", async () => {
  const name = stream("live");
  await client.createPersistentSubscriptionToStream(name, group, streamSettings({ ...quick, startFrom: END }));
  const subscription = client.subscribeToPersistentSubscriptionToStream(name, group);
  const received = handle(subscription, 3);
  await new Promise((resolve) => subscription.once("confirmation", resolve));
  assert.equal(subscription.id, `${name}::${group}`);
  await appended("live", 3);
  assert.deepEqual((await received).map(({ event, retryCount }) => [event.data.index, retryCount]), [[0, 0], [1, 0], [2, 0]]);
});

test("retries, skips and parks, and replays what was parked", async () => {
  const name = await appended("nack", 3);
  await client.createPersistentSubscriptionToStream(name, group, streamSettings(quick));
  const subscription = client.subscribeToPersistentSubscriptionToStream(name, group);
  const seen = [];
  const how = async (resolved) => {
    seen.push([resolved.event.data.index, resolved.retryCount]);
    if (seen.length > 4) return subscription.ack(resolved);
    if (resolved.event.data.index === 0) return subscription.nack(resolved.retryCount === 0 ? RETRY : PARK, "poison", resolved);
    return subscription.nack(resolved.event.data.index === 1 ? SKIP : PARK, "not now", resolved);
  };
  const received = handle(subscription, 6, { how, settled: () => nothingInFlight(name) });
  await eventually(() => info(name), ({ stats }) => stats.parkedMessageCount === 2n);
  const parked = await collect(client.readStream(`$persistentsubscription-${name}::${group}-parked`));
  assert.deepEqual(parked.map(({ event }) => event.type), ["$>", "$>"]);
  await client.replayParkedMessagesToStream(name, group, { stopAt: 1 });
  await eventually(() => info(name), ({ stats }) => stats.parkedMessageCount === 1n);
  await client.replayParkedMessagesToStream(name, group);
  const replayed = (await received).slice(4);
  assert.deepEqual(replayed.map(({ event }) => event.data.index).sort(), [0, 2]);
  assert.ok(replayed.every(({ link, retryCount }) => link.streamId.endsWith("-parked") && retryCount === 0));
  await eventually(() => info(name), ({ stats }) => stats.parkedMessageCount === 0n);
});

test("an event that is not answered in time is delivered again", async () => {
  const name = await appended("timeout", 1);
  await client.createPersistentSubscriptionToStream(name, group, streamSettings({ ...quick, messageTimeout: 1_000, maxRetryCount: 1 }));
  const subscription = client.subscribeToPersistentSubscriptionToStream(name, group);
  const received = await handle(subscription, 2, { how: async () => {} });
  assert.deepEqual(received.map(({ retryCount }) => retryCount), [0, 1]);
  await eventually(() => info(name), ({ stats }) => stats.parkedMessageCount === 1n);
});

test("subscribes to the whole log with a filter", async () => {
  const name = `${group}-${prefix}`;
  await client.createPersistentSubscriptionToAll(name, allSettings(quick), { filter: streamNameFilter({ prefixes: [stream("whole")] }) });
  const subscription = client.subscribeToPersistentSubscriptionToAll(name);
  const settled = () =>
    eventually(() => client.getPersistentSubscriptionToAllInfo(name), ({ stats }) => stats.lastCheckpointedEventPosition !== undefined);
  const received = handle(subscription, 4, { settled });
  await appended("noise", 10);
  await appended("whole-a", 2);
  await appended("whole-b", 2);
  assert.deepEqual((await received).map(({ event }) => event.streamId), [stream("whole-a"), stream("whole-a"), stream("whole-b"), stream("whole-b")]);
  const seen = await client.getPersistentSubscriptionToAllInfo(name);
  assert.equal(seen.eventSource, "$all");
  assert.equal(seen.settings.startFrom, START);
  assert.ok((await client.listPersistentSubscriptionsToAll()).some(({ groupName }) => groupName === name));
  await client.updatePersistentSubscriptionToAll(name, allSettings({ ...quick, maxRetryCount: 7 }));
  assert.equal((await client.getPersistentSubscriptionToAllInfo(name)).settings.maxRetryCount, 7);
  await client.replayParkedMessagesToAll(name);
  await client.deletePersistentSubscriptionToAll(name);
  await assert.rejects(client.getPersistentSubscriptionToAllInfo(name), DoesNotExist);
});

test("shows its settings and lists all groups", async () => {
  const name = await appended("info", 2);
  const settings = streamSettings({
    ...quick, resolveLinkTos: true, extraStatistics: true, messageTimeout: 4_000, maxRetryCount: 3, maxSubscriberCount: 9,
    liveBufferSize: 400, readBatchSize: 30, historyBufferSize: 300, consumerStrategyName: PINNED,
  });
  await client.createPersistentSubscriptionToStream(name, group, settings);
  const seen = await info(name);
  assert.deepEqual([seen.eventSource, seen.groupName, seen.settings], [name, group, settings]);
  assert.equal(seen.stats.lastKnownEventRevision, 1n);
  assert.equal(seen.stats.lastCheckpointedEventRevision, undefined);
  assert.deepEqual((await client.listPersistentSubscriptionsToStream(name)).map(({ groupName }) => groupName), [group]);
  assert.ok((await client.listAllPersistentSubscriptions()).some(({ eventSource }) => eventSource === name));
  await assert.rejects(client.listPersistentSubscriptionsToStream(stream("no-groups")), DoesNotExist);
});

test("an update or a deletion drops the subscribers", async () => {
  const name = await appended("drop", 1);
  await client.createPersistentSubscriptionToStream(name, group, streamSettings(quick));
  for (const change of [
    () => client.updatePersistentSubscriptionToStream(name, group, streamSettings({ ...quick, consumerStrategyName: DISPATCH_TO_SINGLE })),
    () => client.deletePersistentSubscriptionToStream(name, group),
  ]) {
    const subscription = client.subscribeToPersistentSubscriptionToStream(name, group);
    const end = ended(subscription);
    await new Promise((resolve) => { subscription.once("confirmation", resolve); subscription.resume(); });
    await change();
    const error = await end;
    assert.ok(error instanceof Dropped, `${error.constructor.name}: ${error.message}`);
    assert.deepEqual([error.streamName, error.groupName], [name, group]);
  }
});

test("is told what exists, what does not, and when there are too many", async () => {
  const name = await appended("errors", 1);
  await assert.rejects(client.updatePersistentSubscriptionToStream(name, group, streamSettings(quick)), DoesNotExist);
  await assert.rejects(client.deletePersistentSubscriptionToStream(name, group), DoesNotExist);
  const missing = client.subscribeToPersistentSubscriptionToStream(name, group);
  assert.ok(await ended(missing.resume()) instanceof DoesNotExist);
  await client.createPersistentSubscriptionToStream(name, group, streamSettings({ ...quick, maxSubscriberCount: 1 }));
  await assert.rejects(client.createPersistentSubscriptionToStream(name, group, streamSettings(quick)), Exists);
  const only = client.subscribeToPersistentSubscriptionToStream(name, group);
  await new Promise((resolve) => { only.once("confirmation", resolve); only.resume(); });
  assert.ok(await ended(client.subscribeToPersistentSubscriptionToStream(name, group).resume()) instanceof TooMany);
  await only.unsubscribe();
});

test("two subscribers share the events of a group", async () => {
  const name = stream("shared");
  await client.createPersistentSubscriptionToStream(name, group, streamSettings(quick));
  const subscribers = [1, 2].map(() => client.subscribeToPersistentSubscriptionToStream(name, group, { bufferSize: 5 }));
  const received = subscribers.map((subscriber) => handle(subscriber, 5, { settled: () => nothingInFlight(name) }));
  await Promise.all(subscribers.map((subscriber) => new Promise((resolve) => subscriber.once("confirmation", resolve))));
  await appended("shared", 10);
  const all = (await Promise.all(received)).flat().map(({ event }) => event.data.index);
  assert.deepEqual(all.sort((left, right) => left - right), Array.from({ length: 10 }, (_, index) => index));
});
