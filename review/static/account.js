// Passkeys, and copying what is shown once. Pages say so where they can't do without this file.
"use strict";

// ---- Bytes in text: base64 for addresses, as WebAuthn writes them in JSON ----

const toBytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
};

const toText = (buffer) => {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

// ---- The two ceremonies: making a passkey, and using one ----

const listed = (keys) => (keys ?? []).map((key) => ({ ...key, id: toBytes(key.id) }));

const create = async (options) => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    },
  });
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    response: {
      attestationObject: toText(made.response.attestationObject),
      clientDataJSON: toText(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
  };
};

const get = async (options) => {
  const used = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: listed(options.allowCredentials),
    },
  });
  return {
    id: used.id,
    rawId: toText(used.rawId),
    type: used.type,
    response: {
      authenticatorData: toText(used.response.authenticatorData),
      clientDataJSON: toText(used.response.clientDataJSON),
      signature: toText(used.response.signature),
      userHandle: used.response.userHandle ? toText(used.response.userHandle) : null,
    },
  };
};

const CEREMONIES = { create, get };

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const status = form.querySelector("[data-passkey-status]");
  const failed = form.querySelector("[data-passkey-failed]");
  const again = form.querySelector("[data-passkey-again]");
  const begin = async () => {
    status.hidden = false;
    failed.hidden = true;
    again.hidden = true;
    try {
      const answer = await CEREMONIES[form.dataset.passkey](JSON.parse(form.dataset.options));
      form.elements.credential.value = JSON.stringify(answer);
      form.requestSubmit();
    } catch {
      // Broken off, no passkey on this device, or a browser that wants a click first.
      status.hidden = true;
      failed.hidden = false;
      again.hidden = false;
      again.focus();
    }
  };
  again.addEventListener("click", begin);
  begin();
}

// ---- Copying what is shown once ----

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  const source = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const lines = source.value ?? [...source.querySelectorAll("code")].map((one) => one.textContent).join("\n");
    await navigator.clipboard.writeText(lines);
    said.hidden = false;
  });
}
