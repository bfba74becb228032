// Checks the statement of a certificate's QR code, which stands behind the "#" of
// the address and so never leaves the browser: no server is asked. Where the
// browser cannot check Ed25519, the form below does it on the server.

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

function base58(text) {
  let n = 0n;
  for (const c of text) {
    const digit = alphabet.indexOf(c);
    if (digit < 0) throw new Error("base 58");
    n = n * 58n + BigInt(digit);
  }
  const out = [];
  for (; n > 0n; n >>= 8n) out.unshift(Number(n & 255n));
  return Uint8Array.from(out);
}

// The 32 bytes of an Ed25519 key behind the two that say so (did:key).
function publicKey(did) {
  const key = base58(did.replace(/^did:key:z/, ""));
  if (key.length !== 34 || key[0] !== 0xed || key[1] !== 1) throw new Error("key");
  return key.slice(2);
}

async function read(text) {
  const at = text.lastIndexOf(".");
  const [id, title, holder, issued, expires, issuer] = JSON.parse(new TextDecoder().decode(bytes(text.slice(6, at))));
  const key = await crypto.subtle.importKey("raw", publicKey(issuer), { name: "Ed25519" }, false, ["verify"]);
  const ok = await crypto.subtle.verify({ name: "Ed25519" }, key, bytes(text.slice(at + 1)), new TextEncoder().encode(text.slice(0, at)));
  return ok ? { id, title, holder, issued, expires, issuer } : null;
}

const lang = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang; // the day first, as everywhere here
const finding = document.getElementById("finding");

function show(state, found) {
  finding.hidden = false;
  for (const tag of finding.querySelectorAll("[data-state]")) tag.hidden = tag.dataset.state !== state;
  finding.querySelector("[data-found]").hidden = !found;
  if (!found) return;
  const day = text => text ? new Date(text).toLocaleDateString(lang, { dateStyle: "long", timeZone: "UTC", numberingSystem: "latn" }) : "";
  const words = { ...found, issued: day(found.issued), expires: day(found.expires) };
  for (const place of finding.querySelectorAll("[data-field]")) place.textContent = words[place.dataset.field] || "";
  finding.querySelector("[data-until]").hidden = !found.expires;
  finding.querySelector("[data-foreign]").hidden = finding.dataset.issuers.split(" ").includes(found.issuer);
  finding.querySelector("[data-here]").hidden = false;
}

async function check() {
  const text = decodeURIComponent(location.hash.slice(1));
  if (!text.startsWith("HAVN1.")) return;
  document.querySelector("[name=text]").value = text;
  try {
    const found = await read(text);
    show(!found ? "invalid" : found.expires && new Date(found.expires) <= new Date() ? "expired" : "valid", found);
  } catch (error) {
    if (error.name !== "NotSupportedError") show("invalid", null);
  }
}

addEventListener("hashchange", check);
check();
