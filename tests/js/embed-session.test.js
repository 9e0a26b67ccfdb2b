/** How a visitor of the frame gets in, is known again, and what is kept of that where: with a made-up server and browser. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../static/js/api.js";
import { Session } from "../../static/js/embed/session.js";

/** @import {Place} from "../../static/js/embed/place.js" */

/** @type {Place} */
const PLACE = {
  embed: "acme", ticket: "t1", access: "", resume: "auto", storage: "partitioned", sites: [], anySite: false, localhost: false,
  shareMessages: false, compact: false, color: "", font_px: 16, radius_px: 16, preview: false, look: {},
};
const unreachable = () => new ApiError(0, { code: "unreachable", message: "" });
const signedOut = () => new ApiError(401, { code: "not_signed_in", message: "" });

/** A browser and a server. */
class World {
  /** @type {Map<string, string>} */
  stored = new Map();
  storageWorks = true;
  cookieWorks = false;
  offline = false;
  /** @type {string[]} */
  calls = [];
  /** Tickets and refresh tokens the server takes. */
  good = new Set(["t1"]);
  page = { ticket: "t2", access: "" };
  now_ms = 0;
  minted = 0;
  /** @type {string[]} */
  hostKeeps = [];

  /** @param {Partial<Place>} [place] */
  session(place = {}) {
    const kept = {
      get: (/** @type {string} */ name) => (this.storageWorks ? (this.stored.get(name) ?? null) : null),
      set: (/** @type {string} */ name, /** @type {string} */ value) => {
        if (this.storageWorks) value ? this.stored.set(name, value) : this.stored.delete(name);
        return this.storageWorks;
      },
    };
    const reply = () => {
      this.minted += 1;
      return { access: `a${this.minted}`, refresh: `r${this.minted}`, expires_in_s: 900, cookie: true };
    };
    const session = new Session(
      { ...PLACE, ...place },
      {
        begin: async ({ page_ticket, refresh, storage }) => {
          if (this.offline) throw unreachable();
          this.calls.push(`begin ${page_ticket} ${refresh ?? "-"} ${storage}`);
          if (!this.good.has(refresh ?? page_ticket)) throw signedOut();
          const session = reply();
          this.good.add(session.refresh);
          return session;
        },
        cookieWorks: async () => this.cookieWorks,
        readPage: async () => {
          if (this.offline) throw unreachable();
          this.calls.push("page");
          this.good.add(this.page.ticket);
          return this.page;
        },
        identify: async (access, jwt) => {
          if (this.offline) throw unreachable();
          this.calls.push(`identify ${access} ${jwt}`);
          return reply();
        },
      },
      kept,
      () => this.now_ms,
    );
    session.onHostKeeps = (refresh) => this.hostKeeps.push(refresh);
    return session;
  }
}

test("nothing is asked and nothing kept until a token is wanted; two who want one get the same", async () => {
  const world = new World();
  const session = world.session();
  assert.equal(session.known, false);
  assert.deepEqual(world.calls, []);
  assert.deepEqual(await Promise.all([session.token(), session.token()]), ["a1", "a1"]);
  assert.deepEqual(world.calls, ["begin t1 - partitioned"]);
});

test("rung 2a: where the browser brings the cookie back nothing else is kept", async () => {
  const world = new World();
  world.cookieWorks = true;
  const session = world.session();
  await session.token();
  assert.equal(session.way, "cookie");
  assert.equal(world.stored.size, 0);
});

test("rung 2b: else the refresh token is, and each new one in its place", async () => {
  const world = new World();
  const session = world.session();
  await session.token();
  assert.equal(session.way, "local");
  assert.equal(world.stored.get("rt"), "r1");
  world.now_ms = 14.8 * 60_000;
  assert.equal(await session.token(), "a2");
  assert.equal(world.stored.get("rt"), "r2");
  const next = world.session();
  assert.equal(next.known, true);
  assert.equal(await next.token(), "a3");
  assert.equal(world.calls.at(-1), "begin t1 r2 partitioned");
});

test("rung 3: where storage throws, or nothing is to be kept, memory has to do", async () => {
  for (const place of [{}, { storage: /** @type {const} */ ("memory") }, { resume: /** @type {const} */ ("never") }]) {
    const world = new World();
    world.storageWorks = Object.keys(place).length > 0;
    const session = world.session(place);
    assert.equal(await session.token(), "a1");
    assert.equal(session.way, "none");
    assert.equal(world.stored.size, 0);
    assert.equal(await session.renew(), "a2"); // by the refresh token in memory
    assert.match(world.calls.at(-1) ?? "", / r1 /);
  }
});

test("rung 4: the host page keeps it where the owner allows that, and each new one in its place", async () => {
  const world = new World();
  const session = world.session({ storage: "host" });
  session.place({ ...PLACE, storage: "host" }, { refresh: "old" });
  assert.equal(session.known, true);
  assert.equal(await session.token(), "a1"); // the old one is not known any more
  assert.equal(session.way, "host");
  assert.deepEqual(world.hostKeeps, ["r1"]);
  assert.equal(world.stored.size, 0);
});

test("rung 4: where the host page may keep nothing, the visitor is told so, as on rung 3", async () => {
  const world = new World();
  const session = world.session({ storage: "host" });
  /** @type {string[]} */
  const ways = [];
  session.onWay = (way) => ways.push(way);
  session.place({ ...PLACE, storage: "host" }, { forgets: true });
  assert.equal(await session.token(), "a1");
  assert.equal(await session.renew(), "a2"); // by the refresh token in memory
  assert.deepEqual(ways, ["none"]);
  assert.deepEqual(world.hostKeeps, []);
});

test("a page that was open too long asks for a new ticket", async () => {
  const world = new World();
  world.good.clear();
  assert.equal(await world.session().token(), "a1");
  assert.deepEqual(world.calls, ["begin t1 - partitioned", "page", "begin t2 - partitioned"]);
});

test("whom a cookie brought back gets the next token by the page, too", async () => {
  const world = new World();
  world.page.access = "fresh";
  const session = world.session({ access: "given" });
  assert.equal(session.known, true);
  assert.equal(await session.token(), "given");
  assert.equal(await session.renew(), "fresh");
  assert.deepEqual(world.calls, ["page"]);
});

test("a token that the server does not take is renewed once, and what needed it is done", async () => {
  const world = new World();
  const session = world.session();
  let refused = 0;
  const done = await session.with(async (access) => {
    if (access !== "a2") throw (refused += 1), signedOut();
    return access;
  });
  assert.equal(done, "a2");
  assert.equal(refused, 1);
  await assert.rejects(session.with(async () => { throw signedOut(); }), ApiError);
});

test("whatever else is wrong is told as it is", async () => {
  const world = new World();
  const session = world.session();
  const full = new ApiError(429, { code: "limit_reached", message: "Too many." });
  await assert.rejects(session.with(async () => { throw full; }), full);
});

test("where only a page keeps nothing, what another page of the site keeps stays", async () => {
  const world = new World();
  world.stored.set("rt", "of another page");
  const session = world.session({ storage: "memory" });
  await session.token();
  await session.renew();
  assert.equal(world.stored.get("rt"), "of another page");
  world.good.clear();
  await session.renew();
  assert.equal(world.stored.get("rt"), "of another page");
});

test("a tab that comes back by the cookie does not set it back to whom it remembers", async () => {
  const world = new World();
  world.cookieWorks = true;
  const session = world.session();
  await session.token();
  world.page.access = "of another tab's visitor";
  assert.equal(await session.renew(), "of another tab's visitor");
  assert.deepEqual(world.calls, ["begin t1 - partitioned", "page"]);
});

test("a page that cannot be reached now does not make somebody new of whom the cookie brought back", async () => {
  const world = new World();
  world.page.access = "fresh";
  const session = world.session({ access: "given" });
  world.offline = true;
  await assert.rejects(session.renew(), ApiError);
  world.offline = false;
  assert.equal(session.known, true);
  assert.equal(await session.token(), "fresh");
  assert.ok(!world.calls.some((call) => call.startsWith("begin")));
});

test("who logs out is out, though the server cannot be told; it is told before anything else", async () => {
  const world = new World();
  const session = world.session();
  await session.token();
  world.offline = true;
  await assert.rejects(session.leave(), ApiError);
  assert.equal(session.known, false);
  assert.equal(world.stored.has("rt"), false);
  await assert.rejects(session.token(), ApiError);
  world.offline = false;
  world.calls.length = 0;
  assert.equal(await session.token(), "a2");
  assert.deepEqual(world.calls, ["identify a1 null"]);
  assert.equal(world.stored.has("out"), false);
  assert.equal(world.stored.get("rt"), "r2");
});

test("whom the cookie brings back after such a logout is not let in on the next page either", async () => {
  const world = new World();
  world.cookieWorks = true;
  const session = world.session();
  await session.token();
  world.offline = true;
  await assert.rejects(session.leave(), ApiError);
  world.page.access = "old";
  const next = world.session({ access: "old" });
  assert.equal(next.known, false);
  await assert.rejects(next.token(), ApiError);
  world.offline = false;
  world.calls.length = 0;
  assert.equal(await next.token(), "a2");
  assert.deepEqual(world.calls, ["identify old null"]);
  assert.equal(world.stored.has("out"), false);
});

test("a token that was on its way when its visitor left is not taken", async () => {
  const world = new World();
  world.stored.set("rt", "r0");
  world.good.add("r0");
  const session = world.session();
  const asked = session.token();
  const left = session.leave();
  await assert.rejects(asked, ApiError);
  await left;
  assert.equal(await session.token(), "a3");
  assert.deepEqual(world.calls, ["begin t1 r0 partitioned", "begin t1 r0 memory", "identify a2 null"]);
});

test("the host page forgets with the chat, and nobody is told of a logout of nobody", async () => {
  const world = new World();
  const session = world.session({ storage: "host" });
  await session.leave();
  assert.deepEqual([world.calls, world.hostKeeps, world.stored.size], [[], [], 0]);
  await session.token();
  world.offline = true;
  await assert.rejects(session.leave(), ApiError);
  assert.deepEqual(world.hostKeeps, ["r1", ""]);
});
