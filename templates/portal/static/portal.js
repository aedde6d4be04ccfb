// What makes the pages nicer; everything works without it. No inline handlers, no HTML from strings, nothing stored.

// Show or hide the password.
for (const button of document.querySelectorAll('[data-reveal]')) {
  const input = document.getElementById(button.dataset.reveal)
  button.hidden = false
  button.addEventListener('click', () => {
    const shown = input.type === 'password'
    input.type = shown ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(shown))
    input.focus()
  })
}

// A form is sent once; a password is hidden again before it is, so that the browser doesn't remember it as a text.
for (const form of document.querySelectorAll('form[data-once]')) {
  form.addEventListener('submit', (event) => {
    if (form.getAttribute('aria-busy') === 'true') return event.preventDefault()
    form.setAttribute('aria-busy', 'true')
    for (const input of form.querySelectorAll('[autocomplete$="-password"]')) input.type = 'password'
  })
}
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-once]')) form.removeAttribute('aria-busy')
})

// A complete one-time code is sent by itself, once: whoever corrects a typo after a refusal sends it by hand. Where there is something to choose
// besides, it waits for the button.
for (const input of document.querySelectorAll('[data-digits]')) {
  const digits = Number(input.dataset.digits)
  let sent = input.getAttribute('aria-invalid') === 'true'
  input.addEventListener('input', () => {
    input.value = input.value.replace(/\D/g, '').slice(0, digits)
    if (sent || input.value.length < digits || input.form.elements.trust) return
    sent = true
    input.form.requestSubmit()
  })
}

// Copy the secret of a new one-time code.
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = !navigator.clipboard
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.replace(/\s/g, ''))
    button.textContent = button.dataset.done
  })
}

// Copy a list, one item a line.
for (const button of document.querySelectorAll('[data-copy-list]')) {
  button.hidden = !navigator.clipboard
  button.addEventListener('click', async () => {
    const items = document.getElementById(button.dataset.copyList).querySelectorAll('li')
    await navigator.clipboard.writeText([...items].map((item) => item.textContent.trim()).join('\n'))
    button.textContent = button.dataset.done
  })
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}

// The exact moment, in the time zone of whoever looks.
const moments = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' })
for (const time of document.querySelectorAll('time[title]')) time.title = moments.format(new Date(time.dateTime))

// Look every few seconds whether the phone has answered. Without this script the page comes back by itself.
for (const waiting of document.querySelectorAll('[data-waiting]')) {
  const look = async () => {
    const status = await fetch(waiting.dataset.waiting).then(
      (answer) => answer.status,
      () => 0,
    )
    if (status === 204 || status === 0) setTimeout(look, 2000)
    else window.location.reload()
  }
  setTimeout(look, 2000)
}
