// How one family of proxies asks and is answered. A protocol reads and writes; it decides nothing and knows no configuration.
import type { ServerResponse } from 'node:http'
import type { HeaderLines } from '../forwarded/header-lines.ts'
import type { Malformed } from '../forwarded/malformed.ts'
import type { Target } from '../policy/model.ts'
import type { IdentityHeaders } from './identity-headers.ts'

/** What came in, before it means anything. */
export interface RawQuestion {
  readonly lines: HeaderLines
  /** HTTP method of the question itself. */
  readonly method: string
  /** Path of the endpoint as it was asked. */
  readonly endpointPath: string
  /** What follows it in the request line, path and query, raw: '' or beginning with '/' or '?'. */
  readonly rest: string
}

/** What a proxy asks. */
export interface Question {
  readonly target: Target
  /** Method of the visitor's request: A-Z only. */
  readonly method: string
  /** The portal's address as the question names it; undefined when it doesn't, '' when it names nothing. */
  readonly portalUrl: string | undefined
  /** Legacy's `auth=basic`: credentials in Authorization are demanded. */
  readonly demandsBasic: boolean
  readonly lines: HeaderLines
}

/** The bare address must be asked without its last slash: what Authelia's router says to it. */
export interface Elsewhere {
  readonly kind: 'elsewhere'
  readonly location: string
}

export type Answer =
  | { readonly kind: 'allow'; readonly identity: IdentityHeaders }
  /** `note` is for the person who set up the proxy. */
  | { readonly kind: 'forbid'; readonly note?: string }
  /** `location` undefined: nobody knows where one signs in. */
  | { readonly kind: 'sign-in'; readonly location: string | undefined }
  /** Credentials are wanted in a header; the status says in which. */
  | { readonly kind: 'challenge'; readonly status: 401 | 407 }

export interface Protocol {
  /** The endpoint's path may be followed by more. */
  readonly takesRest: boolean
  /** Other methods of the question itself are answered 405; undefined: every method is judged. */
  readonly methods: readonly string[] | undefined
  /** Without a portal address in the question, the one configured for the cookie domain is meant. */
  readonly usesConfiguredPortal: boolean
  read(raw: RawQuestion): Question | Malformed | Elsewhere
  write(response: ServerResponse, answer: Answer, question: Question): void
  /** One status for everything that can't be read or may not be asked. */
  readonly malformedStatus: 400 | 401 | 403
}
