// A second factor is needed and this person has none: one to set up is chosen, unless there is only one to choose.
import type { Request, Response } from 'express'
import { inOrder } from '../second-factors.ts'
import { baseOf } from '../view/screen.ts'
import type { Visit } from '../visit.ts'
import { type WayBack, wayBackValues, withWayBack } from '../way-back.ts'
import { type Context, seeOther, type Visitor } from './context.ts'

export function chooseFactor(
  context: Context,
  request: Request,
  response: Response,
  visit: Visit,
  visitor: Visitor,
  way: WayBack,
): void {
  const { screen } = context
  const choices = inOrder(visitor.factors.available, undefined, visit.settings.default2faMethod).flatMap(
    ({ setUpPage, setUpLabel, setUpHint }) =>
      setUpPage === undefined ? [] : [{ page: setUpPage, setUpLabel, setUpHint }],
  )
  const [only, ...others] = choices
  if (only && others.length === 0) {
    seeOther(request, response, withWayBack(only.page, way))
    return
  }
  screen.show(request, response, visit, 'choose-factor', {
    username: visitor.user.username,
    ...wayBackValues(way),
    choices: choices.map(({ page, setUpLabel, setUpHint }) => ({
      url: baseOf(request) + withWayBack(page, way),
      label: screen.text(request, setUpLabel),
      hint: screen.text(request, setUpHint),
    })),
  })
}
