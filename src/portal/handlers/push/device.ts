// Which of the devices that Duo knows is to be asked; kept for the next time.
import type { Request, Response } from 'express'
import type { Offer } from '../../../login/duo/duo.ts'
import { withGoOn } from '../../go-on.ts'
import { wayBackValues } from '../../way-back.ts'
import { type Context, formOf, seeOther } from '../context.ts'
import {
  type Asking,
  askingOf,
  asksDuoTooOften,
  DEVICE_PAGE,
  PUSH_PAGE,
  showPush,
  showRefusedPush,
  typed,
} from './push.ts'

export async function getDevice(context: Context, request: Request, response: Response): Promise<void> {
  const asking = await askingOf(context, request, response, request.query)
  if (!asking || asksDuoTooOften(context, request, response, asking.visit)) return
  const offer = await context.deps.duo.offer(asking.who)
  if (offer.kind !== 'devices') return showClosed(context, request, response, asking, offer)
  const { visit, visitor, way, goOn } = asking
  if (offer.devices.length === 0)
    return showClosed(context, request, response, asking, { kind: 'enroll', url: undefined })
  const chosen = offer.chosen ?? offer.devices[0]?.device
  context.screen.show(request, response, visit, 'push-device', {
    ...wayBackValues(way),
    username: visitor.user.username,
    goOn,
    devices: offer.devices.map(({ device, displayName }) => ({
      device,
      displayName,
      isChosen: device === chosen,
    })),
  })
}

export async function postDevice(context: Context, request: Request, response: Response): Promise<void> {
  const asking = await askingOf(context, request, response, formOf(request))
  if (!asking || asksDuoTooOften(context, request, response, asking.visit)) return
  const { way, goOn, who } = asking
  const result = await context.deps.duo.choose(who, typed(request, 'device'))
  switch (result.kind) {
    case 'chosen':
      return seeOther(request, response, withGoOn(PUSH_PAGE, way, goOn))
    case 'unknown':
      // Gone from Duo meanwhile, or never there: the list as it is now.
      return seeOther(request, response, withGoOn(DEVICE_PAGE, way, goOn))
    default:
      return showClosed(context, request, response, asking, result)
  }
}

/** Where Duo lets somebody pass there is nothing to choose: the button on the page of pushes is all it takes. */
export function showClosed(
  context: Context,
  request: Request,
  response: Response,
  asking: Asking,
  offer: Exclude<Offer, { kind: 'devices' }>,
): Promise<void> | void {
  const { visit, visitor, way, goOn } = asking
  if (offer.kind === 'bypass') return seeOther(request, response, withGoOn(PUSH_PAGE, way, goOn))
  if (offer.kind !== 'enroll')
    return showRefusedPush(context, request, response, asking, offer.kind === 'refused' ? offer.reason : 'unavailable')
  return showPush(context, request, response, visit, visitor, way, {
    status: 403,
    goOn,
    problem: context.screen.text(request, offer.url === undefined ? 'push.no-device' : 'push.enroll'),
    enrolUrl: offer.url,
  })
}
