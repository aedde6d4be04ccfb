// The flags of `init` and `config generate`: an answer to each question, and what is never asked.
import { Flags } from '@oclif/core'
import { PROXY_NAMES } from '../../setup/proxy-name.ts'

export const initFlags = {
  domain: Flags.string({ description: 'Domain whose hosts are protected.', helpValue: 'example.com' }),
  portal: Flags.string({ description: 'Host of the portal. Default: auth.DOMAIN.', helpValue: 'HOST' }),
  app: Flags.string({
    multiple: true,
    description:
      'An application: its host (or the part before the domain) and where the proxy finds it, as in wiki=http://127.0.0.1:3000. Once for each.',
    helpValue: 'NAME=ADDRESS',
  }),
  proxy: Flags.string({
    options: [...PROXY_NAMES, 'none'],
    description: 'Whose set-up is written. Default: the one that is installed.',
  }),
  user: Flags.string({ description: 'Name of the first user.', helpValue: 'NAME' }),
  'display-name': Flags.string({ description: 'Name as people read it.', helpValue: 'TEXT' }),
  email: Flags.string({ description: 'E-mail address of the first user. Default: NAME@DOMAIN.', helpValue: 'ADDRESS' }),
  'password-stdin': Flags.boolean({
    description:
      "Read the first user's password from standard input. Without it, and without a terminal, one is made and printed.",
  }),
  'second-factor': Flags.boolean({
    allowNo: true,
    description: 'Whether the applications ask for a second factor. Default: no.',
  }),
  listen: Flags.string({ default: '127.0.0.1:9091', description: 'Where Latchkey listens.', helpValue: 'HOST:PORT' }),
  'trusted-proxy': Flags.string({
    multiple: true,
    default: ['127.0.0.1/32', '::1/128'],
    description: 'Address or network that the proxy asks from. Once for each.',
    helpValue: 'NETWORK',
  }),
  port: Flags.integer({ default: 443, min: 1, max: 65535, description: 'Where the proxy listens for https.' }),
  yes: Flags.boolean({ char: 'y', description: 'Ask nothing: take the default of whatever has one.' }),
  force: Flags.boolean({
    char: 'f',
    description:
      'Write over files that are there. Each is kept as NAME.old; secrets, and a certificate that is still good, stay.',
  }),
}

export interface InitFlags {
  readonly domain?: string | undefined
  readonly portal?: string | undefined
  readonly app?: readonly string[] | undefined
  readonly proxy?: string | undefined
  readonly user?: string | undefined
  readonly 'display-name'?: string | undefined
  readonly email?: string | undefined
  readonly 'password-stdin': boolean
  readonly 'second-factor'?: boolean | undefined
  readonly listen: string
  readonly 'trusted-proxy': readonly string[]
  readonly port: number
  readonly yes: boolean
  readonly force: boolean
}
