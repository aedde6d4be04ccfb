// A second factor is needed and this person has none: one to set up is chosen, unless there is only one to choose.
import type { Request, Response } from 'express'
import { missingProof } from '../api/proof.ts'
import { baseOf } from '../view/screen.ts'
import type { Visit } from '../visit.ts'
import { type WayBack, withWayBack } from '../way-back.ts'
import { type Context, REGISTRATION, seeOther, type Visitor } from './context.ts'
import { showConfirmPassword } from './registration.ts'

export async function chooseFactor(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
): Promise<void> {
  const { screen, deps } = context
  const choices = visitor.factors.available.flatMap(({ setUpPage, setUpLabel, setUpHint }) =>
    setUpPage === undefined ? [] : [{ page: setUpPage, setUpLabel, setUpHint }],
  )
  const [only, ...others] = choices
  if (only && others.length === 0) {
    const isConfirmed = (await missingProof({ deps, visit }, visitor)) === undefined
    if (isConfirmed || only.page !== REGISTRATION) return seeOther(request, response, withWayBack(only.page, way))
    return showConfirmPassword(context, request, response, visit, visitor, way, { needed: true })
  }
  screen.show(request, response, visit, 'choose-factor', {
    username: visitor.user.username,
    destination: way.target?.hostWithPort,
    refusedDestination: way.refused,
    choices: choices.map(({ page, setUpLabel, setUpHint }) => ({
      url: baseOf(request) + withWayBack(page, way),
      label: screen.text(request, setUpLabel),
      hint: screen.text(request, setUpHint),
    })),
  })
}
