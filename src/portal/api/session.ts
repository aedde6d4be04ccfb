// Who is signed in, where one may be sent, and the end of it.
import { judgeTarget } from '../../login/redirect-target.ts'
import { recordEvent } from '../record-event.ts'
import { ko, MESSAGES, ok, text } from './answer.ts'
import { readFields } from './json-body.ts'
import { type Call, type Route, whoIs } from './route.ts'

const domainsOf = ({ visit }: Call) => visit.settings.cookies.map(({ domain }) => domain)

export const sessionRoutes: readonly Route[] = [
  {
    path: '/api/state',
    methods: {
      GET: {
        access: 'open',
        async handle(call) {
          const signedIn = await whoIs(call)
          const url = call.visit.domain.defaultRedirectionUrl
          ok(call.response, {
            username: signedIn?.user.username ?? '',
            authentication_level: signedIn?.session.record.level ?? 0,
            factor_knowledge: (signedIn?.session.passwordProvenAt ?? 0) > 0,
            ...(url === undefined ? {} : { default_redirection_url: url }),
          })
        },
      },
    },
  },
  {
    path: '/api/checks/safe-redirection',
    methods: {
      POST: {
        access: 'open',
        async handle(call) {
          if ((await whoIs(call)) === undefined) return text(call.response, 401)
          const uri = readFields(call.body, { uri: 'string' })?.uri ?? ''
          const judgement = judgeTarget(uri, domainsOf(call))
          if (judgement.kind === 'unparsable') return ko(call.response, 200, MESSAGES.failed)
          ok(call.response, { ok: judgement.kind === 'safe' })
        },
      },
    },
  },
  {
    path: '/api/logout',
    methods: {
      POST: {
        access: 'open',
        async handle(call) {
          const { deps, visit } = call
          const session = await deps.sessions.current(call.request, visit.domain)
          await deps.sessions.end(call.request, call.response, visit.domain)
          if (session) {
            const { username, key } = session.record
            await recordEvent(deps, visit, { kind: 'sign-out', username, session: key })
          }
          const target = readFields(call.body, { targetURL: 'string' })?.targetURL ?? ''
          call.response.setHeader('Clear-Site-Data', '"cache", "storage"')
          ok(call.response, { safeTargetURL: judgeTarget(target, domainsOf(call)).kind === 'safe' })
        },
      },
    },
  },
]
