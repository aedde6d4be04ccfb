// Generated from schemas/ by `npm run gen`. Do not edit.
// What a person writes; what the server runs on is Config in config.ts.

/**
 * Configuration of Latchkey, in the layout of Authelia.
 */
export interface ConfigInput {
  /**
   * Colours of the portal.
   */
  theme?: 'light' | 'dark' | 'grey' | 'oled' | 'auto'
  /**
   * Language of pages and mails for whoever asks for none that there is: `en`, `de`, or one of your own in the folder `locales` of `server.asset_path`. Latchkey only.
   */
  language?: string
  /**
   * Folder with certificates of further authorities to trust (PEM).
   */
  certificates_directory?: string
  /**
   * Second factor that is offered first.
   */
  default_2fa_method?: 'totp' | 'webauthn' | 'mobile_push'
  /**
   * Deprecated: where to go after signing in. Use `session.cookies[].default_redirection_url`.
   */
  default_redirection_url?: string
  /**
   * Read the configuration again when it changes. Latchkey only.
   */
  watch?: boolean
  log?: LogInput
  server?: ServerInput
  session?: SessionInput
  access_control?: AccessControlInput
  authentication_backend?: AuthenticationBackendInput
  storage?: StorageInput
  totp?: TotpInput
  webauthn?: WebauthnInput
  duo_api?: DuoApiInput
  notifier?: NotifierInput
  identity_validation?: IdentityValidationInput
  identity_providers?: IdentityProvidersInput
  regulation?: RegulationInput
  audit?: AuditInput
  ntp?: NtpInput
  telemetry?: TelemetryInput
  password_policy?: PasswordPolicyInput
  privacy_policy?: PrivacyPolicyInput
  definitions?: DefinitionsInput
}
/**
 * What is written to the log, and where.
 */
export interface LogInput {
  /**
   * How much is logged.
   */
  level?: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  /**
   * One line of text or one JSON object an entry.
   */
  format?: 'text' | 'json'
  /**
   * File to append to; without it the log goes to standard output.
   */
  file_path?: string
  /**
   * Write to standard output as well when `file_path` is set.
   */
  keep_stdout?: boolean
}
/**
 * Where Latchkey listens and how it talks to proxies.
 */
export interface ServerInput {
  /**
   * Where to listen: `tcp://host:port/path`, `unix:///path?umask=0022&path=sub`, `fd://3`. The path is at most one segment.
   */
  address?: string
  /**
   * Addresses and networks whose forwarded headers are believed. Without it loopback and private addresses are. Latchkey only.
   *
   * @minItems 1
   */
  trusted_proxies?: string | string[]
  /**
   * Folder with `favicon.ico`, `logo.png` and `locales/` that replace the built-in ones.
   */
  asset_path?: string
  /**
   * Turn the container health check off.
   */
  disable_healthcheck?: boolean
  /**
   * Serve HTTPS. `key` and `certificate` go together.
   */
  tls?: {
    /**
     * Path of the private key (PEM).
     */
    key?: string
    /**
     * Path of the certificate chain (PEM).
     */
    certificate?: string
    /**
     * Paths of the authorities that client certificates must come from.
     */
    client_certificates?: string | string[]
  }
  /**
   * Response headers of the portal.
   */
  headers?: {
    /**
     * Content-Security-Policy of the portal; `${NONCE}` is replaced.
     */
    csp_template?: string
  }
  /**
   * Sizes of buffers in bytes.
   */
  buffers?: {
    /**
     * Bytes for the head of a request; a larger head is answered 431.
     */
    read?: number
    /**
     * Bytes for writing an answer.
     */
    write?: number
  }
  /**
   * How long a connection may take.
   */
  timeouts?: {
    /**
     * For reading a request.
     */
    read?: string | number
    /**
     * For writing an answer.
     */
    write?: string | number
    /**
     * For which an idle connection is kept.
     */
    idle?: string | number
  }
  /**
   * Which endpoints exist and how.
   */
  endpoints?: {
    /**
     * Accepted for compatibility; there is no such endpoint.
     */
    enable_pprof?: boolean
    /**
     * Accepted for compatibility; there is no such endpoint.
     */
    enable_expvars?: boolean
    /**
     * Endpoints at `/api/authz/<name>` by name; any entry replaces all four built-in ones.
     */
    authz?: {
      /**
       * One endpoint that proxies ask.
       */
      [k: string]: {
        /**
         * How the proxy asks.
         */
        implementation?: 'AuthRequest' | 'ForwardAuth' | 'ExtAuthz' | 'Legacy'
        /**
         * Ways to tell who asks, in order; without them the usual ones of the implementation.
         *
         * Items: One way to tell who asks.
         */
        authn_strategies?: {
          /**
           * Which way.
           */
          name:
            | 'CookieSession'
            | 'HeaderAuthorization'
            | 'HeaderProxyAuthorization'
            | 'HeaderAuthRequestProxyAuthorization'
            | 'HeaderLegacy'
          /**
           * Schemes that are read from the header.
           */
          schemes?: string | ('basic' | 'bearer')[]
          /**
           * For how long a verified Basic password is remembered; needs the scheme basic in `schemes`.
           */
          scheme_basic_cache_lifespan?: string | number
        }[]
      }
    }
    /**
     * How often the endpoints of the portal may be called by one address.
     */
    rate_limits?: {
      reset_password_start?: RateLimitInput
      reset_password_finish?: RateLimitInput1
      second_factor_totp?: RateLimitInput2
      second_factor_duo?: RateLimitInput3
      session_elevation_start?: RateLimitInput4
      session_elevation_finish?: RateLimitInput5
      openid_connect_pushed_authorization_request?: RateLimitInput6
      openid_connect_token?: RateLimitInput7
      openid_connect_userinfo?: RateLimitInput8
      openid_connect_introspection?: RateLimitInput9
      openid_connect_revocation?: RateLimitInput10
    }
  }
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput1 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput2 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput3 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput4 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput5 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput6 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput7 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput8 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput9 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Token buckets of one endpoint; all of them must admit a request. Each endpoint has its own default.
 */
export interface RateLimitInput10 {
  /**
   * Whether the endpoint is limited.
   */
  enable?: boolean
  /**
   * The buckets.
   *
   * Items: A bucket that starts full and regains one request a period.
   */
  buckets?: {
    /**
     * Time in which one request is regained; at least 10 seconds.
     */
    period: string | number
    /**
     * Requests the full bucket holds.
     */
    requests: number
  }[]
}
/**
 * Sessions and the domains they are valid for.
 */
export interface SessionInput {
  /**
   * Secret that sessions are encrypted with; without it a key is derived from `storage.encryption_key`.
   */
  secret?: string
  /**
   * Name of the session cookie.
   */
  name?: string
  /**
   * SameSite attribute of the cookie.
   */
  same_site?: 'none' | 'lax' | 'strict'
  /**
   * After which a session ends, however active.
   */
  expiration?: string | number
  /**
   * After which a session ends without a request.
   */
  inactivity?: string | number
  /**
   * Lifetime of a session whose owner ticked "remember me"; the number -1 removes the choice.
   */
  remember_me?: string | number
  /**
   * How long a browser isn't asked for the second factor again once its owner gave it there and ticked "don't ask again"; the password is always asked for. The number -1 removes the choice. Latchkey only.
   */
  trusted_browser?: string | number
  /**
   * Deprecated: the one cookie domain. Use `cookies`.
   */
  domain?: string
  /**
   * The cookie domains; the first that covers a host applies.
   *
   * Items: One domain that shares a session.
   */
  cookies?: {
    /**
     * The domain to protect, without leading dot or port, or an IP address.
     */
    domain: string
    /**
     * Public address of the portal; https, at or below `domain`.
     */
    authelia_url?: string
    /**
     * Where to go after signing in without a target; https, at or below `domain`, not the portal.
     */
    default_redirection_url?: string
    /**
     * Name of the session cookie.
     */
    name?: string
    /**
     * SameSite attribute of the cookie.
     */
    same_site?: 'none' | 'lax' | 'strict'
    /**
     * After which a session ends, however active.
     */
    expiration?: string | number
    /**
     * After which a session ends without a request.
     */
    inactivity?: string | number
    /**
     * Lifetime of a session whose owner ticked "remember me"; the number -1 removes the choice.
     */
    remember_me?: string | number
  }[]
  redis?: RedisInput
}
/**
 * Sessions in Redis. Not built yet.
 */
export interface RedisInput {
  /**
   * Host name or path of the socket.
   */
  host?: string
  /**
   * Port.
   */
  port?: number
  /**
   * User name.
   */
  username?: string
  /**
   * Password.
   */
  password?: string
  /**
   * Number of the database.
   */
  database_index?: number
  /**
   * Most connections.
   */
  maximum_active_connections?: number
  /**
   * Connections kept open.
   */
  minimum_idle_connections?: number
  /**
   * How often a command is tried again.
   */
  max_retries?: number
  /**
   * For connecting.
   */
  timeout?: string | number
  tls?: TlsClientInput
  /**
   * Redis Sentinel.
   */
  high_availability?: {
    /**
     * Name of the master.
     */
    sentinel_name?: string
    /**
     * User name at the sentinels.
     */
    sentinel_username?: string
    /**
     * Password at the sentinels.
     */
    sentinel_password?: string
    /**
     * The sentinels.
     *
     * Items: A sentinel.
     */
    nodes?: {
      /**
       * Host name.
       */
      host?: string
      /**
       * Port.
       */
      port?: number
    }[]
    /**
     * Ask the nearest node.
     */
    route_by_latency?: boolean
    /**
     * Ask any node.
     */
    route_randomly?: boolean
  }
}
/**
 * How to speak TLS to another server.
 */
export interface TlsClientInput {
  /**
   * Oldest version that is spoken.
   */
  minimum_version?: string
  /**
   * Newest version that is spoken.
   */
  maximum_version?: string
  /**
   * Don't check the server's certificate.
   */
  skip_verify?: boolean
  /**
   * Name that the server's certificate must carry.
   */
  server_name?: string
  /**
   * Key of the client certificate (PEM text).
   */
  private_key?: string
  /**
   * Client certificate and chain (PEM text).
   */
  certificate_chain?: string
}
/**
 * Who may reach what. The first rule whose every criterion fits decides.
 */
export interface AccessControlInput {
  /**
   * What applies where no rule does.
   */
  default_policy?: 'bypass' | 'one_factor' | 'two_factor' | 'deny'
  /**
   * Deprecated: named networks. Use `definitions.network`.
   *
   * Items: A named list of networks.
   */
  networks?: {
    /**
     * Name to use in rules.
     */
    name?: string
    /**
     * Addresses and networks (CIDR).
     */
    networks?: string | string[]
  }[]
  /**
   * The rules, in order.
   *
   * Items: A rule.
   */
  rules?: {
    /**
     * Domains: exact, `*.example.com`, `{user}.example.com`, `{group}.example.com`.
     */
    domain?: string | string[]
    /**
     * Patterns (RE2) on the host; groups named `User` and `Group` must fit who asks.
     */
    domain_regex?: string | string[]
    /**
     * What is demanded.
     */
    policy: 'bypass' | 'one_factor' | 'two_factor' | 'deny'
    /**
     * Who the rule is for: `user:name`, `group:name`. A list is any of them; a list in the list is all of them.
     */
    subject?: string | (string | string[])[]
    /**
     * Client addresses: networks (CIDR) or names from `definitions.network`.
     */
    networks?: string | string[]
    /**
     * Patterns (RE2) on path and query.
     */
    resources?: string | string[]
    /**
     * HTTP methods.
     */
    methods?:
      | string
      | (
          | 'GET'
          | 'HEAD'
          | 'POST'
          | 'PUT'
          | 'PATCH'
          | 'DELETE'
          | 'TRACE'
          | 'CONNECT'
          | 'OPTIONS'
          | 'COPY'
          | 'LOCK'
          | 'MKCOL'
          | 'MOVE'
          | 'PROPFIND'
          | 'PROPPATCH'
          | 'UNLOCK'
        )[]
    /**
     * Conditions on the query; any of the lists must hold in all its items.
     */
    query?: {
      /**
       * What is asked; `equal` when there is a value, else `present`.
       */
      operator?: 'present' | 'absent' | 'equal' | 'not equal' | 'pattern' | 'not pattern'
      /**
       * Name of the parameter.
       */
      key: string
      /**
       * Value or pattern; absent for `present` and `absent`.
       */
      value?: string
    }[][]
  }[]
}
/**
 * Where users come from.
 */
export interface AuthenticationBackendInput {
  /**
   * How old what is known of a signed-in user may be: a duration, `always` or `disable`. Default `always` when the users file is watched, else 5m.
   */
  refresh_interval?: string | number
  /**
   * Resetting a forgotten password.
   */
  password_reset?: {
    /**
     * Turn it off.
     */
    disable?: boolean
    /**
     * Address of a page elsewhere that does it.
     */
    custom_url?: string
  }
  /**
   * Changing a known password.
   */
  password_change?: {
    /**
     * Turn it off.
     */
    disable?: boolean
  }
  /**
   * Users in a YAML file.
   */
  file?: {
    /**
     * Path of the users file.
     */
    path: string
    /**
     * Read the file again when it changes; on unless `false` is written here or as the top key `watch`.
     */
    watch?: boolean
    /**
     * How a typed name is found.
     */
    search?: {
      /**
       * An e-mail address is accepted as well.
       */
      email?: boolean
      /**
       * Letter case does not matter.
       */
      case_insensitive?: boolean
    }
    /**
     * How new passwords are hashed. Existing hashes of every kind are verified regardless.
     */
    password?: {
      /**
       * The algorithm.
       */
      algorithm?: 'argon2' | 'sha2crypt' | 'pbkdf2' | 'bcrypt' | 'scrypt'
      /**
       * argon2 (RFC 9106).
       */
      argon2?: {
        /**
         * The variant.
         */
        variant?: 'argon2id' | 'argon2i' | 'argon2d'
        /**
         * Passes.
         */
        iterations?: number
        /**
         * Memory in KiB; at least 8 a lane.
         */
        memory?: number
        /**
         * Lanes.
         */
        parallelism?: number
        /**
         * Bytes of the hash.
         */
        key_length?: number
        /**
         * Bytes of the salt.
         */
        salt_length?: number
      }
      /**
       * sha2crypt.
       */
      sha2crypt?: {
        /**
         * The digest.
         */
        variant?: 'sha256' | 'sha512'
        /**
         * Rounds.
         */
        iterations?: number
        /**
         * Characters of the salt.
         */
        salt_length?: number
      }
      /**
       * PBKDF2 (RFC 8018).
       */
      pbkdf2?: {
        /**
         * The digest.
         */
        variant?: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
        /**
         * Iterations; the default depends on the digest.
         */
        iterations?: number
        /**
         * Bytes of the salt.
         */
        salt_length?: number
      }
      /**
       * bcrypt.
       */
      bcrypt?: {
        /**
         * Plain, or with SHA-256 before it.
         */
        variant?: 'standard' | 'sha256'
        /**
         * Cost.
         */
        cost?: number
      }
      /**
       * scrypt (RFC 7914).
       */
      scrypt?: {
        /**
         * The variant.
         */
        variant?: 'scrypt' | 'yescrypt'
        /**
         * Base-2 logarithm of N.
         */
        iterations?: number
        /**
         * Block size r.
         */
        block_size?: number
        /**
         * Parallelism p.
         */
        parallelism?: number
        /**
         * Bytes of the hash.
         */
        key_length?: number
        /**
         * Bytes of the salt.
         */
        salt_length?: number
      }
    }
    /**
     * Attributes under `extra` of a user, by name.
     */
    extra_attributes?: {
      /**
       * A further attribute of users.
       */
      [k: string]: {
        /**
         * Type of its value.
         */
        value_type: 'string' | 'integer' | 'boolean'
        /**
         * The value is a list.
         */
        multi_valued?: boolean
      }
    }
  }
  ldap?: LdapInput
}
/**
 * Users in an LDAP directory. Not built yet.
 */
export interface LdapInput {
  /**
   * Which presets apply.
   */
  implementation?: 'custom' | 'activedirectory' | 'rfc2307bis' | 'freeipa' | 'lldap' | 'glauth'
  /**
   * Address: `ldap://host`, `ldaps://host`, `ldapi:///path`.
   */
  address?: string
  /**
   * For connecting.
   */
  timeout?: string | number
  /**
   * Use StartTLS.
   */
  start_tls?: boolean
  tls?: TlsClientInput
  /**
   * Keeping connections.
   */
  pooling?: {
    /**
     * Keep connections.
     */
    enable?: boolean
    /**
     * How many.
     */
    count?: number
    /**
     * How often to ask for one.
     */
    retries?: number
    /**
     * How long to wait for one.
     */
    timeout?: string | number
  }
  /**
   * Base of every search.
   */
  base_dn?: string
  /**
   * Before the base, for users.
   */
  additional_users_dn?: string
  /**
   * Filter that finds a user.
   */
  users_filter?: string
  /**
   * Before the base, for groups.
   */
  additional_groups_dn?: string
  /**
   * Filter that finds groups.
   */
  groups_filter?: string
  /**
   * How groups are found.
   */
  group_search_mode?: 'filter' | 'memberof'
  /**
   * Follow referrals.
   */
  permit_referrals?: boolean
  /**
   * Bind without a password.
   */
  permit_unauthenticated_bind?: boolean
  /**
   * Whom to bind as.
   */
  user?: string
  /**
   * Password to bind with.
   */
  password?: string
  /**
   * Names of attributes.
   */
  attributes?: {
    /**
     * Attribute for distinguished_name.
     */
    distinguished_name?: string
    /**
     * Attribute for username.
     */
    username?: string
    /**
     * Attribute for display_name.
     */
    display_name?: string
    /**
     * Attribute for family_name.
     */
    family_name?: string
    /**
     * Attribute for given_name.
     */
    given_name?: string
    /**
     * Attribute for middle_name.
     */
    middle_name?: string
    /**
     * Attribute for nickname.
     */
    nickname?: string
    /**
     * Attribute for gender.
     */
    gender?: string
    /**
     * Attribute for birthdate.
     */
    birthdate?: string
    /**
     * Attribute for website.
     */
    website?: string
    /**
     * Attribute for profile.
     */
    profile?: string
    /**
     * Attribute for picture.
     */
    picture?: string
    /**
     * Attribute for zoneinfo.
     */
    zoneinfo?: string
    /**
     * Attribute for locale.
     */
    locale?: string
    /**
     * Attribute for phone_number.
     */
    phone_number?: string
    /**
     * Attribute for phone_extension.
     */
    phone_extension?: string
    /**
     * Attribute for street_address.
     */
    street_address?: string
    /**
     * Attribute for locality.
     */
    locality?: string
    /**
     * Attribute for region.
     */
    region?: string
    /**
     * Attribute for postal_code.
     */
    postal_code?: string
    /**
     * Attribute for country.
     */
    country?: string
    /**
     * Attribute for mail.
     */
    mail?: string
    /**
     * Attribute for member_of.
     */
    member_of?: string
    /**
     * Attribute for group_name.
     */
    group_name?: string
    /**
     * Further attributes.
     */
    extra?: {
      /**
       * A further attribute.
       */
      [k: string]: {
        /**
         * Name to use.
         */
        name?: string
        /**
         * Type.
         */
        value_type?: 'string' | 'integer' | 'boolean'
        /**
         * A list.
         */
        multi_valued?: boolean
      }
    }
  }
}
/**
 * Where everything lives that must last.
 */
export interface StorageInput {
  /**
   * Key that secrets are encrypted with; at least 20 bytes, never change it.
   */
  encryption_key?: string
  /**
   * An SQLite file.
   */
  local?: {
    /**
     * Path of the file.
     */
    path: string
  }
  /**
   * MySQL or MariaDB. Not built yet.
   */
  mysql?: {
    /**
     * Address, e.g. `tcp://host:3306`.
     */
    address?: string
    /**
     * Name of the database.
     */
    database?: string
    /**
     * User name.
     */
    username?: string
    /**
     * Password.
     */
    password?: string
    /**
     * For connecting.
     */
    timeout?: string | number
    tls?: TlsClientInput
  }
  /**
   * PostgreSQL. Not built yet.
   */
  postgres?: {
    /**
     * Address, e.g. `tcp://host:5432`.
     */
    address?: string
    /**
     * Name of the database.
     */
    database?: string
    /**
     * User name.
     */
    username?: string
    /**
     * Password.
     */
    password?: string
    /**
     * For connecting.
     */
    timeout?: string | number
    tls?: TlsClientInput
    /**
     * Name of the schema.
     */
    schema?: string
    /**
     * Servers to fall back to.
     *
     * Items: A further server.
     */
    servers?: {
      /**
       * Address.
       */
      address?: string
      tls?: TlsClientInput
    }[]
    /**
     * Deprecated: use `tls`.
     */
    ssl?: {
      /**
       * How TLS is used.
       */
      mode?: 'disable' | 'require' | 'verify-ca' | 'verify-full'
      /**
       * Path.
       */
      root_certificate?: string
      /**
       * Path.
       */
      certificate?: string
      /**
       * Path.
       */
      key?: string
    }
  }
}
/**
 * One-time codes from an authenticator application (RFC 6238).
 */
export interface TotpInput {
  /**
   * Turn the method off.
   */
  disable?: boolean
  /**
   * Name that the application shows.
   */
  issuer?: string
  /**
   * Digest.
   */
  algorithm?: 'SHA1' | 'SHA256' | 'SHA512'
  /**
   * Digits of a code.
   */
  digits?: 6 | 8
  /**
   * Seconds for which a code is valid.
   */
  period?: number
  /**
   * How many codes before and after are accepted too.
   */
  skew?: number
  /**
   * Bytes of a new secret.
   */
  secret_size?: number
  /**
   * Digests that a user may choose from; the default one is always among them.
   */
  allowed_algorithms?: string | ('SHA1' | 'SHA256' | 'SHA512')[]
  /**
   * Digits that a user may choose from.
   */
  allowed_digits?: (6 | 8)[]
  /**
   * Periods that a user may choose from.
   */
  allowed_periods?: number[]
  /**
   * Accept a code a second time. Unsafe.
   */
  disable_reuse_security_policy?: boolean
}
/**
 * Security keys and passkeys.
 */
export interface WebauthnInput {
  /**
   * No passkeys and security keys, neither to register nor to sign in with.
   */
  disable?: boolean
  /**
   * Sign in with a passkey instead of a password.
   */
  enable_passkey_login?: boolean
  /**
   * A passkey that verified its user (PIN, finger, face) counts as two factors.
   */
  experimental_enable_passkey_uv_two_factors?: boolean
  /**
   * Keys that were not registered as discoverable may sign in as passkeys; one that does counts as discoverable from then on.
   */
  experimental_enable_passkey_upgrade?: boolean
  /**
   * Name that the browser shows.
   */
  display_name?: string
  /**
   * Which attestation is asked for. With direct and permitted_aaguids, one without attestation is refused.
   */
  attestation_conveyance_preference?: 'none' | 'indirect' | 'direct'
  /**
   * How long the browser waits for the authenticator. A challenge is void after five minutes in any case.
   */
  timeout?: string | number
  /**
   * Which authenticators may be registered.
   */
  filtering?: {
    /**
     * Only these.
     */
    permitted_aaguids?: string | string[]
    /**
     * Not these.
     */
    prohibited_aaguids?: string | string[]
    /**
     * None that can be copied.
     */
    prohibit_backup_eligibility?: boolean
  }
  /**
   * Which authenticators are asked for.
   */
  selection_criteria?: {
    /**
     * Built-in or separate.
     */
    attachment?: 'platform' | 'cross-platform'
    /**
     * Whether the key is stored on it.
     */
    discoverability?: 'discouraged' | 'preferred' | 'required'
    /**
     * Whether it verifies its user.
     */
    user_verification?: 'discouraged' | 'preferred' | 'required'
  }
  /**
   * Checking attestations with the FIDO metadata service. Refused when enabled: nothing is fetched.
   */
  metadata?: {
    /**
     * Check.
     */
    enabled?: boolean
    /**
     * What if the data is old.
     */
    cache_policy?: 'strict' | 'relaxed'
    /**
     * Check the trust anchor.
     */
    validate_trust_anchor?: boolean
    /**
     * Demand an entry.
     */
    validate_entry?: boolean
    /**
     * Allow the zero AAGUID.
     */
    validate_entry_permit_zero_aaguid?: boolean
    /**
     * Check the status.
     */
    validate_status?: boolean
    /**
     * Statuses that must be present.
     */
    validate_status_permitted?: string | string[]
    /**
     * Statuses that must be absent.
     */
    validate_status_prohibited?: string | string[]
  }
}
/**
 * Push messages and passcodes by Duo, as a second factor. The keys are those of an application of the type "Auth API" in Duo's admin panel; without them it is off.
 */
export interface DuoApiInput {
  /**
   * Turn the method off.
   */
  disable?: boolean
  /**
   * The API hostname of the application, such as api-1a2b3c4d.duosecurity.com. Its certificate must be one that this machine trusts.
   */
  hostname?: string
  /**
   * The integration key of the application (Duo also calls it client ID).
   */
  integration_key?: string
  /**
   * The secret key of the application (client secret)..
   */
  secret_key?: string
  /**
   * Show Duo's page for enrolling to whoever has no device at Duo yet, and no other second factor here that he has not used.
   */
  enable_self_enrollment?: boolean
}
/**
 * How messages reach users: by mail, or into a file. One of `filesystem` and `smtp` is required.
 */
export interface NotifierInput {
  /**
   * Don't try at start, and when this section has changed, whether the mail server takes us or the file can be written.
   */
  disable_startup_check?: boolean
  /**
   * Folder with templates that replace ours: `IdentityVerificationOTC`, `IdentityVerificationJWT` and `Event`, each as `.html` and `.txt`, in Authelia's form.
   */
  template_path?: string
  /**
   * Tell people by mail when somebody signs in to their account with a browser or from a network that is new for it. Without it: yes with `smtp`, no with `filesystem`. Latchkey only.
   */
  new_sign_in_notice?: boolean
  /**
   * Into a file, which holds the latest message only. For trying things out.
   */
  filesystem?: {
    /**
     * Path of the file.
     */
    filename: string
  }
  /**
   * By mail.
   */
  smtp?: {
    /**
     * Address: `smtp://` (port 25), `submission://` (587) or `submissions://` (465, TLS from the first byte).
     */
    address: string
    /**
     * For each step of the conversation with the mail server.
     */
    timeout?: string | number
    /**
     * User name at the mail server.
     */
    username?: string
    /**
     * Password at the mail server.
     */
    password?: string
    /**
     * From whom.
     */
    sender: string
    /**
     * Subject; `{title}` is replaced.
     */
    subject?: string
    /**
     * What Latchkey calls itself (EHLO).
     */
    identifier?: string
    /**
     * Taken for Authelia's sake: the check at start signs in at the mail server and sends nothing.
     */
    startup_check_address?: string
    /**
     * Go on without TLS where the mail server offers no STARTTLS: passwords and codes are readable on the way.
     */
    disable_require_tls?: boolean
    /**
     * Text only.
     */
    disable_html_emails?: boolean
    /**
     * Never use STARTTLS: passwords and codes are readable on the way.
     */
    disable_starttls?: boolean
    tls?: TlsClientInput
  }
}
/**
 * Making sure who asks before something sensitive.
 */
export interface IdentityValidationInput {
  /**
   * Resetting a password.
   */
  reset_password?: {
    /**
     * Secret that the link is signed with.
     */
    jwt_secret?: string
    /**
     * How long the link is valid.
     */
    jwt_lifespan?: string | number
    /**
     * Algorithm of the signature.
     */
    jwt_algorithm?: 'HS256' | 'HS384' | 'HS512'
  }
  /**
   * Changing credentials.
   */
  elevated_session?: {
    /**
     * How long a code is valid.
     */
    code_lifespan?: string | number
    /**
     * How long the elevation lasts.
     */
    elevation_lifespan?: string | number
    /**
     * Characters of a code; fewer than 5 count as 5.
     */
    characters?: number
    /**
     * Demand the second factor of whoever has one. Here that is always so, also when this is false.
     */
    require_second_factor?: boolean
    /**
     * After the second factor, the password just given stands in for the code.
     */
    skip_second_factor?: boolean
  }
}
/**
 * OpenID Connect. Not built yet.
 */
export interface IdentityProvidersInput {
  /**
   * OpenID Connect 1.0 provider.
   */
  oidc?: {
    /**
     * Secret.
     */
    hmac_secret?: string
    /**
     * Key.
     */
    issuer_private_key?: string
    /**
     * Chain.
     */
    issuer_certificate_chain?: string
    [k: string]: unknown
  }
}
/**
 * Banning after failed attempts.
 */
export interface RegulationInput {
  /**
   * What is counted and banned.
   */
  modes?: string | ('user' | 'ip')[]
  /**
   * Failures that lead to a ban; 0 turns bans off.
   */
  max_retries?: number
  /**
   * Time in which they are counted.
   */
  find_time?: string | number
  /**
   * How long a ban lasts; not less than `find_time`.
   */
  ban_time?: string | number
}
/**
 * The trail of security events. Latchkey only.
 */
export interface AuditInput {
  /**
   * How long security events and sign-in attempts are kept; at least an hour.
   */
  retention?: string | number
}
/**
 * Checking the clock at start. Not built yet.
 */
export interface NtpInput {
  /**
   * Address of a time server.
   */
  address?: string
  /**
   * Version of NTP.
   */
  version?: 3 | 4
  /**
   * How far the clock may be off.
   */
  max_desync?: string | number
  /**
   * Don't check.
   */
  disable_startup_check?: boolean
  /**
   * Only warn.
   */
  disable_failure?: boolean
}
/**
 * Metrics. Not built yet.
 */
export interface TelemetryInput {
  /**
   * For Prometheus.
   */
  metrics?: {
    /**
     * Serve metrics.
     */
    enabled?: boolean
    /**
     * Where to listen.
     */
    address?: string
    /**
     * Sizes of buffers in bytes.
     */
    buffers?: {
      /**
       * Bytes for the head of a request; a larger head is answered 431.
       */
      read?: number
      /**
       * Bytes for writing an answer.
       */
      write?: number
    }
    /**
     * How long a connection may take.
     */
    timeouts?: {
      /**
       * For reading a request.
       */
      read?: string | number
      /**
       * For writing an answer.
       */
      write?: string | number
      /**
       * For which an idle connection is kept.
       */
      idle?: string | number
    }
  }
}
/**
 * What a new password must be like, where Latchkey sets one: at the portal and by `latchkey user`.
 */
export interface PasswordPolicyInput {
  /**
   * By counting.
   */
  standard?: {
    /**
     * Use it.
     */
    enabled?: boolean
    /**
     * Least length.
     */
    min_length?: number
    /**
     * Greatest length; 0 is none.
     */
    max_length?: number
    /**
     * A capital letter.
     */
    require_uppercase?: boolean
    /**
     * A small letter.
     */
    require_lowercase?: boolean
    /**
     * A digit.
     */
    require_number?: boolean
    /**
     * Something else.
     */
    require_special?: boolean
  }
  /**
   * By estimating its strength.
   */
  zxcvbn?: {
    /**
     * Use it.
     */
    enabled?: boolean
    /**
     * Least score, 1–4.
     */
    min_score?: number
  }
}
/**
 * A link to a privacy policy. Not built yet.
 */
export interface PrivacyPolicyInput {
  /**
   * Show it.
   */
  enabled?: boolean
  /**
   * Ask for consent.
   */
  require_user_acceptance?: boolean
  /**
   * Its address; https.
   */
  policy_url?: string
}
/**
 * Things to name once and use elsewhere.
 */
export interface DefinitionsInput {
  /**
   * Networks by name, for access control rules.
   */
  network?: {
    /**
     * Addresses and networks (CIDR).
     */
    [k: string]: string | string[]
  }
  /**
   * Computed attributes by name.
   */
  user_attributes?: {
    /**
     * An attribute that is computed.
     */
    [k: string]: {
      /**
       * Expression.
       */
      expression?: string
    }
  }
}

/**
 * The users file.
 */
export interface UsersFileInput {
  /**
   * Users by name.
   */
  users: {
    [k: string]: UserInput
  }
  [k: string]: unknown
}
/**
 * A user.
 */
export interface UserInput {
  /**
   * Hash of the password; `latchkey hash` makes one.
   */
  password: string
  /**
   * Name to show.
   */
  displayname: string
  /**
   * E-mail address.
   */
  email?: string
  /**
   * Groups.
   */
  groups?: string[]
  /**
   * The user cannot sign in.
   */
  disabled?: boolean
  /**
   * Given name.
   */
  given_name?: string
  /**
   * Middle name.
   */
  middle_name?: string
  /**
   * Family name.
   */
  family_name?: string
  /**
   * Nickname.
   */
  nickname?: string
  /**
   * Gender.
   */
  gender?: string
  /**
   * Date of birth.
   */
  birthdate?: string
  /**
   * Web site (http or https).
   */
  website?: string
  /**
   * Profile page (http or https).
   */
  profile?: string
  /**
   * Picture (http or https).
   */
  picture?: string
  /**
   * Time zone.
   */
  zoneinfo?: string
  /**
   * Language (BCP 47).
   */
  locale?: string
  /**
   * Telephone number.
   */
  phone_number?: string
  /**
   * Extension.
   */
  phone_extension?: string
  /**
   * Postal address.
   */
  address?: {
    /**
     * Street address.
     */
    street_address?: string
    /**
     * Locality.
     */
    locality?: string
    /**
     * Region.
     */
    region?: string
    /**
     * Postal code.
     */
    postal_code?: string
    /**
     * Country.
     */
    country?: string
    [k: string]: unknown
  }
  /**
   * Further attributes, as configured in `authentication_backend.file.extra_attributes`.
   */
  extra?: {
    [k: string]: unknown
  }
  [k: string]: unknown
}
