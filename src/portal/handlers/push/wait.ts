// The page on which the answer to a push is waited for. It comes back every few seconds, so that no connection is held, and the answer is taken up
// here, once, in the session that asked for it.
import type { Request, Response } from 'express'
import { withGoOn } from '../../go-on.ts'
import { baseOf } from '../../view/screen.ts'
import { wayBackValues } from '../../way-back.ts'
import { type Context, seeOther } from '../context.ts'
import { accept, askingOf, PUSH_PAGE, showRefusedPush, WAIT_PAGE } from './push.ts'

/** Seconds. */
const COME_BACK = 3

export async function getWait(context: Context, request: Request, response: Response): Promise<void> {
  // The page's script only looks whether there is an answer: 204 is none yet.
  const isLooking = request.query['look'] === 'yes' || request.method === 'HEAD'
  const asking = await askingOf(context, request, response, request.query)
  if (!asking) return
  const { visit, visitor, way, goOn, who } = asking
  const { duo } = context.deps
  if (isLooking) {
    response.statusCode = duo.progress(who).kind === 'waiting' ? 204 : 200
    return void response.end()
  }
  const outcome = await duo.take(who)
  switch (outcome.kind) {
    case 'accepted':
      return accept(context, request, response, asking, 'push')
    case 'refused':
      return showRefusedPush(context, request, response, asking, outcome.reason)
    case 'throttled':
    case 'none':
      return seeOther(request, response, withGoOn(PUSH_PAGE, way, goOn))
    case 'waiting':
      return context.screen.show(
        request,
        response,
        visit,
        'push-wait',
        {
          ...wayBackValues(way),
          username: visitor.user.username,
          lookUrl: `${baseOf(request)}${WAIT_PAGE}?look=yes`,
          againUrl: baseOf(request) + withGoOn(WAIT_PAGE, way, goOn),
        },
        { comeBackAfter: COME_BACK },
      )
  }
}
