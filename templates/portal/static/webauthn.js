// Passkeys: asks the browser for one and puts its answer into a form of the page, which is sent like any other. What went wrong goes there too, so
// that all words come from the server.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

const withBytes = (list) => list?.map((key) => ({ ...key, id: toBytes(key.id) }))
const readOptions = ({ challenge, user, allowCredentials, excludeCredentials, ...rest }) => ({
  ...rest,
  challenge: toBytes(challenge),
  ...(user && { user: { ...user, id: toBytes(user.id) } }),
  allowCredentials: withBytes(allowCredentials),
  excludeCredentials: withBytes(excludeCredentials),
})

function toAnswer(key) {
  const response = { transports: key.response.getTransports?.() }
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    const bytes = key.response[name]
    if (bytes) response[name] = toText(bytes)
  }
  return {
    id: key.id,
    rawId: key.id,
    type: key.type,
    authenticatorAttachment: key.authenticatorAttachment,
    clientExtensionResults: { credProps: key.getClientExtensionResults().credProps },
    response,
  }
}

/** Resolves with the answer; what the server refuses to begin is an error whose name is the status. */
async function perform({ dataset, elements }, more) {
  const isNew = dataset.passkey === 'create'
  const reply = await fetch(dataset.options, {
    method: isNew ? 'PUT' : 'GET',
    ...(isNew && {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ description: elements.description.value }),
    }),
  })
  if (!reply.ok) throw Object.assign(new Error('refused'), { name: String(reply.status) })
  const publicKey = readOptions((await reply.json()).data.publicKey)
  return toAnswer(await navigator.credentials[isNew ? 'create' : 'get']({ publicKey, ...more }))
}

function send(form, answer, failure = '') {
  const { response, failure: failed, remember } = form.elements
  response.value = answer ? JSON.stringify(answer) : ''
  failed.value = failure
  if (remember) remember.value = document.querySelector('[name=remember]:checked') ? 'yes' : ''
  form.submit()
}

/** What waits for a passkey to be chosen from the suggestions of the username field. */
let waiting

async function waitForChoice(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  for (;;) {
    waiting = new AbortController()
    // A challenge is good for five minutes.
    const renew = setTimeout(() => waiting.abort('renew'), 240_000)
    try {
      return send(form, await perform(form, { mediation: 'conditional', signal: waiting.signal }))
    } catch (error) {
      if (error !== 'renew') return
    } finally {
      clearTimeout(renew)
    }
  }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!globalThis.PublicKeyCredential) {
    for (const hint of document.querySelectorAll('[data-passkey-missing]')) hint.hidden = false
    continue
  }
  form.hidden = false
  for (const button of form.querySelectorAll('button')) button.hidden = false
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (form.getAttribute('aria-busy') === 'true') return
    form.setAttribute('aria-busy', 'true')
    waiting?.abort('button')
    try {
      send(form, await perform(form))
    } catch (error) {
      send(form, undefined, error?.name ?? 'Error')
    }
  })
  if ('autofill' in form.dataset) waitForChoice(form)
}
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-passkey]')) form.removeAttribute('aria-busy')
})
