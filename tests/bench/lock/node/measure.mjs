// npm async-lock doing what tests/bench/lock/measures.py has the other locks do.
// node --expose-gc measure.mjs MEASURE COUNT WARM_UP [armed]: prints one line of JSON.
import AsyncLock from "async-lock";

const WAITERS = 1_000;
const AT_ONCE = 100;
const TRACED = 10_000;

const [measure, count, warmUp, armed] = process.argv.slice(2);
const lock = new AsyncLock({ maxPending: Infinity });
const options = armed ? { timeout: 30_000 } : {};

const nothing = async () => {};
const giveWay = () => new Promise(setImmediate);
const passThrough = (key) => lock.acquire(key, giveWay, options);

const runs = {
  async uncontended(total) {
    for (let i = 0; i < total; i += 1) await lock.acquire("spot", nothing, options);
  },
  async "hand-off"(total) {
    for (let start = 0; start < total; start += WAITERS) {
      const coming = Math.min(WAITERS, total - start);
      await Promise.all(Array.from({ length: coming }, () => passThrough("spot")));
    }
  },
  async churn(total) {
    for (let start = 0; start < total; start += AT_ONCE) {
      const coming = Math.min(AT_ONCE, total - start);
      const keys = Array.from({ length: coming }, (_, i) => `buyer ${start + i}`);
      await Promise.all(keys.map(passThrough));
    }
  },
};

const run = runs[measure];
await run(Number(warmUp));
const started = performance.now();
const before = process.cpuUsage();
await run(Number(count));
const { user, system } = process.cpuUsage(before);
const wall = (performance.now() - started) / 1e3;

const heap = () => {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
};
const held = heap();
await run(Math.min(TRACED, Number(count)));
const left = (heap() - held) / 1024;
const entries = Object.keys(lock.queues).length;
const cpu = (user + system) / 1e6;
console.log(JSON.stringify({ cpu, wall, count: Number(count), entries, left }));
