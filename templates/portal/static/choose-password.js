// What a new password must be like is ticked while it is typed, and how hard to guess it is said. All of it is found out here: what is typed leaves the
// browser with the form only. The word lists for the estimate are large, and loaded when the first character is typed.

/** Milliseconds without a key after which it is estimated. */
const PAUSE = 150

for (const list of document.querySelectorAll('[data-requirements]')) {
  const input = document.getElementById(list.dataset.requirements)
  const told = document.querySelector('[data-strength]')
  const about = JSON.parse(list.dataset.about)
  const words = told.dataset.words.split('|')
  const bar = told.querySelector('[data-score]')
  const word = told.querySelector('[role="status"]')
  let estimator
  let timer

  const isMet = ({ least, most, pattern }) => {
    if (least > 0) return [...input.value].length >= least
    if (most > 0) return input.value !== '' && new TextEncoder().encode(input.value).length <= most
    return pattern !== '' && new RegExp(pattern).test(input.value)
  }
  const estimate = async () => {
    estimator ??= import(list.dataset.estimate)
    const { estimatePassword } = await estimator
    const { value } = input
    const score = value === '' ? undefined : estimatePassword(value, about).score
    bar.dataset.score = score ?? ''
    if (word.textContent !== (words[score] ?? '')) word.textContent = words[score] ?? ''
    for (const item of list.children)
      if (item.dataset.score > 0) item.classList.toggle('met', score >= item.dataset.score)
  }
  const look = () => {
    for (const item of list.children) if (!(item.dataset.score > 0)) item.classList.toggle('met', isMet(item.dataset))
    if (list.dataset.estimate === '') return
    clearTimeout(timer)
    // Without it, what only the server can tell stays unsaid, as without this script.
    timer = setTimeout(() => estimate().catch(() => (estimator = undefined)), PAUSE)
  }
  input.addEventListener('input', look)
  // A browser may have filled it in before this script ran.
  if (input.value !== '') look()
}
