// What doesn't fit on a page as it is shown: cut off, wider than what it stands in, or broken in the middle of a word. Runs in the browser.

/** The text of a function for `page.evaluate`; it names each misfit. */
export const MISFITS = `(() => {
  const misfits = []
  const visible = (element) => element.checkVisibility() && !element.closest('.visually-hidden')
  const name = (element, what) => misfits.push(what + ': <' + element.localName + '> ' + element.textContent.trim().replace(/\\s+/g, ' ').slice(0, 80))
  const page = document.documentElement
  if (page.scrollWidth > page.clientWidth) misfits.push('the page is wider than the window: ' + page.scrollWidth)
  for (const element of document.querySelectorAll('button, .button, h1, h2, h3, label, summary, a, .badge, .place-name, th, td, dt, dd, li, p')) {
    if (!visible(element)) continue
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline') name(element, 'cut off')
    const outer = element.closest('.card, .foot')?.getBoundingClientRect()
    const { left, right } = element.getBoundingClientRect()
    if (outer && (left < outer.left - 1 || right > outer.right + 1)) name(element, 'sticks out')
  }
  for (const element of document.querySelectorAll('[hidden]')) if (element.checkVisibility()) name(element, 'shown though hidden')
  // Words of buttons, headings and labels are whole; what people chose themselves (names, hosts) is breakable where it says so.
  const range = document.createRange()
  for (const element of document.querySelectorAll('button, .button, h1, h2, h3, label, summary, .badge, th')) {
    if (!visible(element)) continue
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text; text = texts.nextNode())
      for (const word of text.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
        range.setStart(text, word.index)
        range.setEnd(text, word.index + word[0].length)
        const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)))
        if (lines.size > 1) name(element, 'broken in ' + word[0])
      }
  }
  return misfits
})()`
