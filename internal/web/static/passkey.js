// Passkeys: asks the browser what the server wants to know, and brings the
// answer. Where the browser has none, the forms stay hidden.

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

// The options are JSON with base64url where the browser wants bytes.
function decode(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of [options.excludeCredentials, options.allowCredentials]) for (const c of list || []) c.id = bytes(c.id);
  return options;
}

function encode(credential) {
  const r = credential.response, out = { clientDataJSON: text(r.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (r[name]) out[name] = text(r[name]);
  if (r.getTransports) out.transports = r.getTransports();
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, authenticatorAttachment: credential.authenticatorAttachment || "", response: out };
}

async function send(path, body) {
  const csrf = document.querySelector("meta[name=csrf]");
  const headers = { "Content-Type": "application/json" };
  if (csrf) headers["X-CSRF-Token"] = csrf.content;
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(response.status);
  return response.status === 204 ? null : response.json();
}

function whenSubmitted(form, act) {
  form.hidden = false;
  form.addEventListener("submit", async event => {
    event.preventDefault();
    const alert = form.querySelector("[role=alert]"), button = form.querySelector("button");
    alert.hidden = true;
    button.disabled = true;
    try {
      await act(new FormData(form));
    } catch {
      alert.hidden = false;
      button.disabled = false;
    }
  });
}

const signIn = document.getElementById("passkey"), add = document.getElementById("add-passkey");

if (window.PublicKeyCredential) {
  if (signIn) whenSubmitted(signIn, async () => {
    const { asked, options } = await send("/api/v1/sessions/passkey/options", {});
    const answer = encode(await navigator.credentials.get({ publicKey: decode(options) }));
    await send("/sign-in/passkey", { asked, answer });
    location.assign(signIn.dataset.next);
  });
  if (add) whenSubmitted(add, async form => {
    const { asked, options } = await send("/api/v1/me/passkeys/options", { password: form.get("password") || "" });
    const answer = encode(await navigator.credentials.create({ publicKey: decode(options) }));
    await send("/api/v1/me/passkeys", { asked, name: form.get("name"), answer });
    location.reload();
  });
}
