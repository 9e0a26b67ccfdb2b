/** Which way the page takes, with made-up ways and a clock of its own. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Connection } from "../../static/js/connection.js";

/** @import {HelloFrame} from "../../static/js/frames.js" */
/** @import {SocketEvents} from "../../static/js/socket.js" */

/** @type {HelloFrame} */
const HELLO = { type: "hello", running: [], limits: null, preferences: null };

class World {
  /** @type {"works" | "closed" | "slow"} */
  socket = "works";
  httpWorks = true;
  /** Whether the script of the HTTP link can be had. */
  linkLoads = true;
  attempts = 0;
  closed = 0;
  /** @type {string[]} */
  modes = [];
  /** @type {SocketEvents | null} */
  events = null;
  heardAt = performance.now();

  constructor() {
    const link = { send: () => {}, close: () => (this.closed += 1) };
    this.connection = new Connection(
      {
        openSocket: async (events) => {
          this.attempts += 1;
          if (this.socket !== "works") throw new Error(this.socket);
          this.events = events;
          return { socket: { ...link, heardAt: this.heardAt }, hello: HELLO };
        },
        readVisitor: async () => {
          if (!this.httpWorks) throw new Error("unreachable");
          return HELLO;
        },
        openHttp: async () => {
          if (!this.linkLoads) throw new TypeError("not fetched");
          return link;
        },
      },
      {
        onMode: (mode) => this.modes.push(mode),
        onLinked: (mode) => this.modes.push(mode),
        onFrame: () => {},
        onUnfollowed: () => {},
      },
      () => 0.5,
    );
  }

  /** Lets promises settle, then time pass.
   * @param {number} ms */
  async pass(ms) {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    mock.timers.tick(ms);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

test("the socket is the first choice", async () => {
  const world = new World();
  world.connection.start();
  await world.pass(0);
  assert.deepEqual(world.modes, ["socket"]);
  await world.pass(120_000);
  assert.equal(world.attempts, 1, "a socket that works is left alone");
});

test("a socket that says nothing: plain HTTP at once", async () => {
  const world = new World();
  world.socket = "slow";
  world.connection.start();
  await world.pass(0);
  assert.deepEqual(world.modes, ["http"]);
});

test("two refusals: plain HTTP, and the socket again after a minute", async () => {
  const world = new World();
  world.socket = "closed";
  world.connection.start();
  await world.pass(0);
  assert.deepEqual(world.modes, []);
  await world.pass(1_000);
  assert.deepEqual(world.modes, ["http"]);
  await world.pass(59_000);
  assert.equal(world.attempts, 2);
  world.socket = "works";
  await world.pass(1_000);
  assert.deepEqual(world.modes, ["http", "socket"]);
  assert.equal(world.closed, 1, "the HTTP link is ended");
});

test("a script of the HTTP link that cannot be had is asked for again", async () => {
  const world = new World();
  world.socket = "slow";
  world.linkLoads = false;
  world.connection.start();
  await world.pass(0);
  assert.deepEqual(world.modes, ["offline"]);
  world.linkLoads = true;
  await world.pass(10_000);
  assert.deepEqual(world.modes, ["offline", "http"]);
});

test("nothing works: growing pauses of at most ten seconds, and back as soon as it does", async () => {
  const world = new World();
  world.socket = "closed";
  world.httpWorks = false;
  world.connection.start();
  await world.pass(60_000);
  for (let round = 0; round < 12; round += 1) await world.pass(10_000);
  assert.equal(world.modes.at(-1), "offline");
  assert.ok(world.attempts >= 12, `only ${world.attempts} attempts`);
  world.socket = "works";
  await world.pass(10_000);
  assert.equal(world.modes.at(-1), "socket");
});

test("a restart is followed within a second", async () => {
  const world = new World();
  world.connection.start();
  await world.pass(0);
  world.events?.onClose(1012);
  assert.equal(world.modes.at(-1), "offline");
  await world.pass(1_000);
  assert.equal(world.modes.at(-1), "socket");
});

test("waking up with doubt replaces the socket, and the old one serves until the new one is there", async () => {
  const world = new World();
  world.connection.start();
  await world.pass(0);
  world.connection.wake({ doubt: false });
  await world.pass(0);
  assert.equal(world.attempts, 1);
  world.connection.wake({ doubt: true });
  assert.deepEqual(world.modes, ["socket"]);
  await world.pass(0);
  assert.deepEqual(world.modes, ["socket", "socket"]);
  assert.equal(world.closed, 1);
});

test("a doubtful socket that cannot be replaced is lost", async () => {
  const world = new World();
  world.connection.start();
  await world.pass(0);
  world.socket = "closed";
  world.httpWorks = false;
  world.connection.renew();
  await world.pass(0);
  assert.equal(world.modes.at(-1), "offline");
});

test("the network is back: no pause is waited for", async () => {
  const world = new World();
  world.socket = "closed";
  world.httpWorks = false;
  world.connection.start();
  for (let round = 0; round < 4; round += 1) await world.pass(10_000);
  world.socket = "works";
  world.connection.wake({ doubt: true });
  await world.pass(0);
  assert.equal(world.modes.at(-1), "socket");
});
