// Whether a new user can be called so: what the server would refuse or never let in is said before anything else is asked.
import { Fault } from '../../base/fault.ts'

/** @throws Fault `user-name` */
export function requireUsername(name: string, search: { readonly caseInsensitive: boolean }): void {
  const refuse = (message: string, hint: string): Fault => new Fault('user-name', message, { hint, exitCode: 2 })
  if (name === '' || name.trim() !== name || /[\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed()) {
    throw refuse(
      'A user name must not be empty, begin or end with a blank, or hold control characters.',
      'It is sent in a header to the applications.',
    )
  }
  if (search.caseInsensitive && name !== name.toLowerCase()) {
    throw refuse(
      `The name must be in lower case, since search.case_insensitive is on.`,
      `Call the user ${name.toLowerCase()}; ${name} can be typed to sign in all the same.`,
    )
  }
}
