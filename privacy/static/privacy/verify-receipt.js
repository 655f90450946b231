// Checks a receipt in the reader's browser, with nothing but WebCrypto and the keys that came with the page. After the page
// has loaded no network is needed; only the comparison with today's ledger asks the store, and says so.

const page = document.querySelector("[data-verify]");
const trusted = new Map(JSON.parse(page.dataset.keys).map((key) => [key.id, fromHex(key.public_key)]));
const STATES = {
  "dpv:ConsentRequested": "requested",
  "dpv:ConsentGiven": "given",
  "dpv:ConsentRefused": "refused",
  "dpv:ConsentWithdrawn": "withdrawn",
  "dpv:ConsentExpired": "expired",
  "dpv:ConsentInvalidated": "invalidated",
};

class Unreadable extends Error {}

// --- bytes ---------------------------------------------------------------------------------------------------------------

function fromHex(text) {
  if (typeof text !== "string" || text.length % 2 || /[^0-9a-f]/.test(text)) throw new Unreadable("hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function utf8(text) {
  return new TextEncoder().encode(text);
}

function fromBase58(text) {
  const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  if (typeof text !== "string" || !text.startsWith("z")) throw new Unreadable("base58");
  let number = 0n;
  for (const character of text.slice(1)) {
    const digit = digits.indexOf(character);
    if (digit < 0) throw new Unreadable("base58");
    number = number * 58n + BigInt(digit);
  }
  const hex = number.toString(16);
  const zeros = text.slice(1).match(/^1*/)[0].length;
  return joined(new Uint8Array(zeros), fromHex(hex.length % 2 ? `0${hex}` : hex));
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function isSigned(keyId, signature, message) {
  const raw = trusted.get(keyId);
  if (!raw) return false;
  const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

// --- the signature over the whole receipt: Data Integrity, eddsa-jcs-2022 ------------------------------------------------------

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

async function isSealed(receipt) {
  const { proof, ...unsigned } = receipt;
  if (!proof || proof.type !== "DataIntegrityProof" || proof.cryptosuite !== "eddsa-jcs-2022") return false;
  const { proofValue, ...options } = proof;
  if ("@context" in receipt) options["@context"] = receipt["@context"];
  const message = joined(await sha256(utf8(canonical(options))), await sha256(utf8(canonical(unsigned))));
  return isSigned(String(proof.verificationMethod).split("#").pop(), fromBase58(proofValue), message);
}

// --- the ledger: RFC 9162 -------------------------------------------------------------------------------------------------------

function bigEndian(number, length) {
  const bytes = new Uint8Array(length);
  let rest = BigInt(number);
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

async function isHeadSigned(head) {
  const root = fromHex(head.root_hash);
  const message = joined(
    bigEndian(head.timestamp, 8),
    bigEndian(head.tree_size, 8),
    Uint8Array.of(root.length),
    root,
    Uint8Array.of(0, 0),
  );
  return isSigned(head.key_id, fromHex(head.signature), message);
}

const node = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

async function leafOf(entry) {
  return sha256(
    joined(Uint8Array.of(0), utf8(entry.table), Uint8Array.of(0), fromHex(entry.nonce), fromHex(entry.row)),
  );
}

async function isIncluded(leaf, position, size, path, root) {
  if (!(position >= 0 && position < size)) return false;
  let [at, last, result] = [BigInt(position), BigInt(size - 1), leaf];
  for (const step of path) {
    if (last === 0n) return false;
    const sibling = fromHex(step);
    if (at & 1n || at === last) {
      result = await node(sibling, result);
      while (!(at & 1n) && at) [at, last] = [at >> 1n, last >> 1n];
    } else {
      result = await node(result, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && toHex(result) === root;
}

async function isConsistent(first, firstRoot, second, secondRoot, proof) {
  if (first === second) return firstRoot === secondRoot;
  if (!(first > 0 && first < second) || !proof.length) return false;
  const hashes = proof.map(fromHex);
  if ((BigInt(first) & BigInt(first - 1)) === 0n) hashes.unshift(fromHex(firstRoot));
  let [at, last] = [BigInt(first - 1), BigInt(second - 1)];
  while (at & 1n) [at, last] = [at >> 1n, last >> 1n];
  let [before, after] = [hashes[0], hashes[0]];
  for (const sibling of hashes.slice(1)) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      before = await node(sibling, before);
      after = await node(sibling, after);
      while (!(at & 1n) && at) [at, last] = [at >> 1n, last >> 1n];
    } else {
      after = await node(after, sibling);
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n && toHex(before) === firstRoot && toHex(after) === secondRoot;
}

// --- what the row of evidence says: PostgreSQL's binary form ---------------------------------------------------------------------

function valuesOf(entry) {
  const bytes = fromHex(entry.row);
  const view = new DataView(bytes.buffer);
  const found = {};
  let at = 4;
  for (let column = 0; column < view.getInt32(0); column += 1) {
    const [kind, length] = [view.getUint32(at), view.getInt32(at + 4)];
    at += 8;
    if (length < 0) continue;
    const value = bytes.slice(at, at + length);
    const name = entry.columns[column];
    if (kind === 25) found[name] = new TextDecoder().decode(value);
    else if (kind === 2950) found[name] = toHex(value).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    else if (kind === 1184) found[name] = view.getBigInt64(at);
    at += length;
  }
  return found;
}

function microsecondsOf(instant) {
  const [whole, fraction] = String(instant).replace("Z", "").split(".");
  const since2000 = BigInt(Date.parse(`${whole}Z`) - Date.UTC(2000, 0, 1));
  return since2000 * 1000n + BigInt((fraction ?? "").padEnd(6, "0").slice(0, 6));
}

// What the receipt itself claims, of either form, one line for each choice.
function claimsOf(receipt) {
  if (Array.isArray(receipt.event)) {
    return receipt.event.map((event, at) => ({
      record: event.event_id,
      purpose: event.purpose_type,
      state: event.event_state,
      moment: event.event_time,
      words: receipt.pii_processing.purposes[at].purpose,
    }));
  }
  return receipt["dpv:hasProcess"].map((process) => {
    const [purpose, status] = [process["dpv:hasPurpose"][0], process["dpv:hasConsentStatus"][0]];
    return {
      record: process["@id"].replace("urn:uuid:", ""),
      purpose: purpose["dct:identifier"],
      state: STATES[status["@type"][0]],
      moment: status["dpv:isIndicatedAtTime"]["@value"],
      words: purpose["skos:prefLabel"],
    };
  });
}

function says(row, claim) {
  return (
    row.id === claim.record &&
    row.state === claim.state &&
    row.purpose === claim.purpose &&
    row.received_at === microsecondsOf(claim.moment)
  );
}

// --- the check as a whole ---------------------------------------------------------------------------------------------------------

async function check(text) {
  let receipt, claims;
  try {
    receipt = JSON.parse(text);
    claims = claimsOf(receipt);
  } catch {
    throw new Unreadable("json");
  }
  const found = { claims, sealed: await isSealed(receipt), head: null, entries: null, said: null, waiting: false };
  const { head, entries, waiting } = receipt.ledger;
  found.waiting = waiting.length > 0;
  if (head) {
    found.head = await isHeadSigned(head);
    found.entries = entries.length + waiting.length === claims.length;
    found.said = true;
    for (const entry of entries) {
      const leaf = await leafOf(entry);
      found.entries &&= await isIncluded(leaf, entry.position, head.tree_size, entry.path, head.root_hash);
      const claim = claims.find((one) => one.record === entry.record);
      found.said &&= claim !== undefined && says(valuesOf(entry), claim);
    }
    found.signedHead = head;
  }
  const answers = [found.sealed, found.head, found.entries, found.said].filter((answer) => answer !== null);
  found.isTrue = answers.every(Boolean);
  return found;
}

// --- the page ------------------------------------------------------------------------------------------------------------------------

function show(outcome) {
  for (const part of page.querySelectorAll("[data-outcome]")) part.hidden = part.dataset.outcome !== outcome;
}

function mark(name, answer) {
  const line = page.querySelector(`[data-check="${name}"]`);
  line.hidden = answer === null;
  line.classList.toggle("check--good", answer === true);
  line.classList.toggle("check--bad", answer === false);
  line.querySelector("[data-mark]").textContent = answer ? "✓" : "✗";
}

function list(claims) {
  const body = page.querySelector("[data-claims] tbody");
  body.replaceChildren(
    ...claims.map((claim) => {
      const row = document.createElement("tr");
      const state = page.querySelector(`[data-state="${CSS.escape(String(claim.state))}"]`)?.textContent ?? claim.state;
      const moment = new Date(claim.moment).toLocaleString(document.documentElement.lang);
      for (const text of [claim.words, state, moment]) row.insertCell().textContent = text;
      return row;
    }),
  );
  page.querySelector("[data-claims]").hidden = false;
}

let lastHead = null;

async function verify(text) {
  for (const part of page.querySelectorAll("[data-checks], [data-claims], [data-compare]")) part.hidden = true;
  lastHead = null;
  if (!globalThis.crypto?.subtle) return show("insecure");
  try {
    const found = await check(text);
    for (const name of ["sealed", "head", "entries", "said"]) mark(name, found[name]);
    page.querySelector("[data-checks]").hidden = false;
    list(found.claims);
    if (!found.isTrue) return show("false");
    lastHead = found.signedHead ?? null;
    page.querySelector("[data-compare]").hidden = lastHead === null;
    return show(found.waiting ? "waiting" : "true");
  } catch (error) {
    if (error.name === "NotSupportedError") return show("unable");
    return show("unreadable");
  }
}

async function compare() {
  const said = (result) => {
    for (const part of page.querySelectorAll("[data-comparison]")) part.hidden = part.dataset.comparison !== result;
  };
  try {
    const today = await (await fetch(page.dataset.head)).json();
    const query = new URLSearchParams({ first: lastHead.tree_size, second: today.tree_size });
    const { proof } = await (await fetch(`${page.dataset.consistency}?${query}`)).json();
    const grew =
      (await isHeadSigned(today)) &&
      (await isConsistent(lastHead.tree_size, lastHead.root_hash, today.tree_size, today.root_hash, proof));
    said(grew ? "grew" : "differs");
  } catch {
    said("unreachable");
  }
}

const area = page.querySelector("textarea");

async function take(file) {
  if (!file) return;
  area.value = await file.text();
  await verify(area.value);
}

page.querySelector("input[type=file]").addEventListener("change", (event) => take(event.target.files[0]));
page.querySelector("[data-run]").addEventListener("click", () => verify(area.value));
page.querySelector("[data-compare] button").addEventListener("click", compare);
page.addEventListener("dragover", (event) => event.preventDefault());
page.addEventListener("drop", (event) => {
  event.preventDefault();
  return take(event.dataTransfer.files[0]);
});
page.querySelector("[data-tool]").hidden = false;
