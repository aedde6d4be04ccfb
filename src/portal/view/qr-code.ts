// A QR code as SVG, drawn with one path; no image file, no request, nothing that a strict content security policy minds.
import { create } from 'qrcode'
import { Html } from './html.ts'

/** Modules of white around the code (ISO/IEC 18004 §6.3.8 asks for four). */
const QUIET = 4

export function qrCode(text: string): Html {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const side = modules.size + 2 * QUIET
  let path = ''
  for (let y = 0; y < modules.size; y++) {
    for (let x = 0; x < modules.size; x++) {
      if (!modules.get(y, x)) continue
      let width = 1
      while (x + width < modules.size && modules.get(y, x + width)) width++
      path += `M${x + QUIET} ${y + QUIET}h${width}v1h-${width}z`
      x += width
    }
  }
  return new Html(
    `<svg viewBox="0 0 ${side} ${side}" aria-hidden="true" focusable="false" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path fill="#000" d="${path}"/></svg>`,
  )
}
