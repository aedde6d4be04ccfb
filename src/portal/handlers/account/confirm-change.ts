// A page that asks once more before something is taken away.
import { baseOf } from '../../view/screen.ts'
import { frameOf, SECURITY, type Seen } from './frame.ts'

/** @param path where the form goes. @param texts keys of texts. @param id names what it is about, where there are several */
export function showConfirmChange(
  seen: Seen,
  path: string,
  texts: { readonly heading: string; readonly lead: string },
  { id = '', subject = '' }: { readonly id?: string; readonly subject?: string } = {},
): void {
  const { context, request, response, visit } = seen
  const { screen } = context
  const heading = screen.text(request, texts.heading, { subject })
  screen.show(request, response, visit, 'confirm-change', {
    ...frameOf(seen, SECURITY),
    heading,
    lead: screen.text(request, texts.lead, { subject }),
    action: baseOf(request) + path,
    id,
  })
}
