// Passkeys: WebAuthn can only be asked for by a script. Without one these forms stay hidden, and everything else works.
//
// A form says by `data-passkey` what it does: `create` makes a passkey, `get` proves one. On submit its options are asked for
// (`data-options`), the browser is asked, and the form is sent with the answer in its hidden fields, as base64url.

const decode = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const encode = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const decodeIds = (list) => (list ?? []).map((known) => ({ ...known, id: decode(known.id) }));

async function ask(form) {
  const body = new URLSearchParams({ form_token: form.elements.form_token.value });
  const answer = await fetch(form.dataset.options, { method: "POST", body, headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`the options were answered with ${answer.status}`);
  const options = await answer.json();
  options.challenge = decode(options.challenge);
  if (form.dataset.passkey === "get") {
    options.allowCredentials = decodeIds(options.allowCredentials);
    const { rawId, response } = await navigator.credentials.get({ publicKey: options });
    return {
      id: encode(rawId),
      client_data: encode(response.clientDataJSON),
      authenticator_data: encode(response.authenticatorData),
      signature: encode(response.signature),
      user_handle: response.userHandle ? encode(response.userHandle) : "",
    };
  }
  options.user.id = decode(options.user.id);
  options.excludeCredentials = decodeIds(options.excludeCredentials);
  const { response } = await navigator.credentials.create({ publicKey: options });
  return {
    client_data: encode(response.clientDataJSON),
    attestation_object: encode(response.attestationObject),
    transports: response.getTransports?.().join(" ") ?? "",
  };
}

/** Shows one of the messages that the page brought along. */
function say(form, which) {
  const status = form.querySelector("[data-passkey-status]");
  status.querySelector("p").textContent = status.dataset[which];
  status.hidden = false;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = false;
  const button = form.querySelector("button[type=submit]");
  if (location.origin !== form.dataset.origin) {
    // On one's own machine: a browser makes passkeys for names, not for numbers.
    const here = form.querySelector("[data-passkey-elsewhere]");
    here.querySelector("a").href = form.dataset.origin + location.pathname;
    here.hidden = false;
    button.hidden = true;
    continue;
  }
  if (!window.PublicKeyCredential) {
    say(form, "unsupported");
    button.hidden = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      for (const [name, value] of Object.entries(await ask(form))) form.elements[name].value = value;
      form.submit();
    } catch (error) {
      say(form, error.name === "InvalidStateError" ? "known" : "failed");
      button.disabled = false;
      button.focus();
    }
  });
}
