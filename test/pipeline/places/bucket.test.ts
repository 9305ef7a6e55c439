// A lake in an object store, by whole syncs in processes of their own: they are killed, meet each other, and find stores that misbehave.
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { createScene, expectConverged, syncUntilDone } from '../../support/crash-scene.ts';
import { fakeKeys, startFakeS3 } from '../../support/fake-s3.ts';

async function createBucketScene(context: Pick<TestContext, 'onTestFinished'>) {
  const fake = await startFakeS3();
  context.onTestFinished(() => fake.close());
  const scene = await createScene('s3://lakes/gong', context, {
    AWS_ENDPOINT_URL: fake.url,
    AWS_ACCESS_KEY_ID: fakeKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: fakeKeys.secretAccessKey,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  });
  const namesBelow = (folder: string) => [...fake.objects.keys()].filter((key) => key.startsWith(`gong/${folder}`));
  const posts = () => scene.sandbox.ledger.distinctRuns;
  return { fake, scene, namesBelow, posts };
}

describe.concurrent('a sync into a bucket', () => {
  test('stores rows, state and ledger as objects, and the next one buys nothing again', async (context) => {
    const { scene, namesBelow, posts } = await createBucketScene(context);
    await syncUntilDone(scene);
    await expectConverged(scene);
    const bought = posts();
    expect(bought).toBeGreaterThan(0);
    expect(namesBelow('calls/_delta_log/')).toContain('gong/calls/_delta_log/00000000000000000000.json');
    expect(namesBelow('_gong_elt/state/sync/').length).toBeGreaterThan(0);
    expect(namesBelow('_gong_elt/runs/').length).toBeGreaterThan(0);
    await syncUntilDone(scene);
    expect(posts()).toBe(bought);
    // What has its row is settled: one object for all.
    expect(namesBelow('_gong_elt/runs/')).toEqual([]);
    expect(namesBelow('_gong_elt/runs.jsonl')).toHaveLength(1);
    expect(namesBelow('_gong_elt/probe')).toEqual([]);
    await expectConverged(scene);
  });

  test.for([
    ['CP1', 1],
    ['CP2', 3],
    ['CP3', 7],
    ['CP5', 7],
    ['lake:after-rename', 1],
    ['lake:before-entry', 2],
    ['lake:after-entry', 1],
    ['lake:before-state', 1],
    ['lake:after-state', 1],
  ] as const)('killed at %s, passing %i, goes on where it stopped', async ([point, nth], context) => {
    const { scene } = await createBucketScene(context);
    expect(await scene.sync({ point, nth })).toBe('SIGKILL');
    await syncUntilDone(scene);
    await expectConverged(scene);
  });

  test('of two at once one says that the other is there, and every run is bought once', async (context) => {
    const { scene } = await createBucketScene(context);
    const outcomes = await Promise.all([scene.sync(), scene.sync()]);
    expect(outcomes).toContain('done');
    expect(outcomes.find((outcome) => outcome !== 'done')).toContain('Another sync is running');
    await expectConverged(scene);
  });

  test('goes on through answers that are lost, refused for a while, and conflicts', async (context) => {
    const { fake, scene } = await createBucketScene(context);
    let asked = 0;
    fake.faults.loseAnswer = () => asked % 17 === 0;
    fake.faults.refuse = (method) => {
      asked += 1;
      if (asked % 13 === 5) return { status: 503, code: 'SlowDown' };
      return method === 'PUT' && asked % 11 === 3 ? { status: 409, code: 'ConditionalRequestConflict' } : undefined;
    };
    await syncUntilDone(scene);
    fake.faults.loseAnswer = () => false;
    fake.faults.refuse = () => undefined;
    await expectConverged(scene);
  });

  test('finds the head of each log although lists are old', async (context) => {
    const { fake, scene, posts } = await createBucketScene(context);
    await syncUntilDone(scene);
    const old = new Set(fake.objects.keys());
    await syncUntilDone(scene);
    const bought = posts();
    fake.faults.hidden = (key) => !old.has(key) && !key.includes('/_gong_elt/runs');
    await syncUntilDone(scene);
    expect(posts()).toBe(bought);
    fake.faults.hidden = () => false;
    await expectConverged(scene);
  });

  test('into a store that ignores conditions is refused before anything is bought', async (context) => {
    const { fake, scene, posts } = await createBucketScene(context);
    fake.faults.ignoresConditions = true;
    expect(await scene.sync()).toContain('does not heed If-None-Match');
    expect(posts()).toBe(0);
    expect([...fake.objects.keys()]).toEqual(['gong/_gong_elt/runs.lock']);
  });

  test('into a bucket that is not there is refused before anything is bought', async (context) => {
    const { scene, posts } = await createBucketScene(context);
    const elsewhere = await createScene('s3://nowhere/gong', context, scene.variables);
    expect(await elsewhere.sync()).toContain('there is no such bucket (status 404, NoSuchBucket)');
    expect(posts()).toBe(0);
  });
});

test('what a killed sync left in the temporary folder goes with the next one', async (context) => {
  const { scene } = await createBucketScene(context);
  const parent = join(tmpdir(), `gong-elt-buckets-${userInfo().uid}`);
  const ofDead = (pid: number | undefined) => readdirSync(parent).filter((name) => name.includes(`.${pid}-`));
  const { child, ended } = scene.start({ point: 'lake:before-entry' });
  expect(await ended).toBe('SIGKILL');
  expect(existsSync(parent)).toBe(true);
  expect(ofDead(child.pid)).toHaveLength(1);
  await syncUntilDone(scene);
  expect(ofDead(child.pid)).toEqual([]);
});
