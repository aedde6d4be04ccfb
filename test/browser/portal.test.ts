// The portal in a real browser, with stand-ins behind it: life without JavaScript, and what other sites try.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { estimatePassword } from '../../src/directory/password-estimate.ts'
import { judgePassword } from '../../src/directory/password-policy.ts'
import type { Mail } from '../../src/notify/mailer.ts'
import { ALLOW, device } from '../login/duo/stand-in.ts'
import { PASSWORD } from '../portal/lab.ts'
import { openStage, type Stage } from '../portal/stage.ts'
import { chromiumMissing, openChromium, type RunningChromium } from './chromium.ts'
import { askForReset, atAccount, FACTOR_IS_ENOUGH, mailedLink, signInTo } from './scenes.ts'

describe('in Chromium', { skip: chromiumMissing }, () => {
  let browser: RunningChromium
  before(async () => {
    const opened = await openChromium()
    assert.ok(opened.kind === 'running')
    browser = opened
  })
  after(() => browser?.close())

  /** A page with an empty profile, and a stage; both are gone afterwards. What the policy refused is in `violations`. */
  async function played(
    play: (page: Page, stage: Stage, context: BrowserContext, violations: string[]) => Promise<void>,
    options: BrowserContextOptions & { readonly settings?: Parameters<typeof openStage>[0] } = {},
  ): Promise<void> {
    const { settings, ...rest } = options
    const stage = await openStage(settings)
    const context = await browser.newContext({ ignoreHTTPSErrors: true, ...rest })
    const page = await context.newPage()
    page.setDefaultTimeout(10_000)
    const violations: string[] = []
    page.on('console', (message) => {
      if (/Content.Security.Policy|violates/i.test(message.text())) violations.push(message.text())
    })
    try {
      await play(page, stage, context, violations)
    } finally {
      await context.close()
      await stage.close()
    }
  }

  for (const javaScriptEnabled of [true, false])
    test(`a push is waited for by the page itself, with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
      await played(
        async (page, stage, _context, violations) => {
          stage.duo.users.set('alice', { kind: 'auth', devices: [device('D1')] })
          await signInTo(page, stage, 'alice', stage.at('vault', '/deep'))
          await page.getByText('Approve it on your phone with Duo').click()
          await page.getByRole('button', { name: 'Send the message' }).click()
          await page.getByRole('heading', { name: 'Look at your phone' }).waitFor()
          stage.duo.answer(ALLOW)
          await page.waitForURL(stage.at('vault', '/deep'))
          assert.deepEqual(stage.duo.sent, ['alice D1'])
          assert.deepEqual(violations, [])
        },
        { javaScriptEnabled, settings: { hasDuo: true } },
      )
    })

  test('without JavaScript one signs in, gives a code, arrives, and signs out', async () => {
    await played(
      async (page, stage) => {
        await page.goto(stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('vault', '/deep?a=1'), rm: 'GET' })}`))
        assert.equal(await page.getByRole('button', { name: 'Show password' }).count(), 0)
        await page.getByLabel('Username').fill('alice')
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByLabel('One-time code').fill('123456')
        await page.getByRole('button', { name: 'Verify' }).click()
        await page.waitForURL(stage.at('vault', '/deep?a=1'))
        await page.goto(stage.at('auth', '/logout'))
        await page.getByRole('button', { name: 'Sign out' }).click()
        await page.getByRole('heading', { name: 'You’re signed out' }).waitFor()
        assert.equal(stage.sessionCount(), 0)
      },
      { javaScriptEnabled: false },
    )
  })

  test('without JavaScript one chooses a language, stays where one was, and keeps it', async () => {
    await played(
      async (page, stage) => {
        const start = stage.at('auth', `/?${new URLSearchParams({ rd: stage.at('app', '/x'), rm: 'GET' })}`)
        await page.goto(start)
        await page.getByRole('button', { name: 'Deutsch' }).click()
        await page.getByRole('heading', { name: 'Anmelden' }).waitFor()
        assert.equal(page.url(), start)
        // The answer to a form, too, knows where it leads on to.
        await page.getByLabel('Benutzername').fill('alice')
        await page.getByLabel('Passwort', { exact: true }).fill('wrong')
        await page.getByRole('button', { name: 'Anmelden' }).click()
        await page.getByRole('alert').waitFor()
        await page.getByRole('button', { name: 'English' }).click()
        await page.getByRole('heading', { name: 'Sign in' }).waitFor()
        await page.getByText(new URL(stage.at('app')).host).waitFor()
      },
      { javaScriptEnabled: false },
    )
  })

  test('without JavaScript a forgotten password is set anew by the link of a mail, and counts', async () => {
    await played(
      async (page, stage) => {
        await page.goto(stage.at('auth'))
        await page.getByRole('link', { name: 'Forgot your password?' }).click()
        await page.getByLabel('Username').fill('alice')
        await page.getByRole('button', { name: 'Mail me a link' }).click()
        await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
        const { resetUrl } = (stage.mails.at(-1) as Mail<'reset-password'>).values
        await page.goto(resetUrl)
        const fill = async (password: string): Promise<void> => {
          await page.getByLabel('New password', { exact: true }).fill(password)
          await page.getByLabel('New password once more').fill(password)
          await page.getByRole('button', { name: 'Set the new password' }).click()
        }
        await fill('short')
        await page.getByText('too short').waitFor()
        await fill('truck-sail-orbit-plum')
        await page.getByRole('heading', { name: 'Your new password counts' }).waitFor()
        await page.goto(stage.at('auth'))
        await page.getByLabel('Username').fill('alice')
        await page.getByLabel('Password', { exact: true }).fill('truck-sail-orbit-plum')
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('button', { name: 'Sign out' }).waitFor()
      },
      { javaScriptEnabled: false, settings: { passwordResetDisabled: false } },
    )
  })

  test('without JavaScript a code by mail lets the account be changed', async () => {
    await played(
      async (page, stage) => {
        stage.codes.delete('alice')
        await signInTo(page, stage, 'alice')
        await page.goto(stage.at('auth', '/register/one-time-code'))
        await page.getByRole('button', { name: 'Mail me a code' }).click()
        const { code } = (stage.mails.at(-1) as Mail<'one-time-code'>).values
        await page.getByLabel('Code from the mail').fill(code.toLowerCase())
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByRole('heading', { name: 'Set up' }).waitFor()
      },
      { javaScriptEnabled: false },
    )
  })

  test('what a new password must be like is ticked while it is typed', async () => {
    const passwordPolicy = {
      kind: 'standard',
      minLength: 12,
      maxLength: 20,
      requireUppercase: true,
      requireLowercase: false,
      requireNumber: true,
      requireSpecial: true,
    } as const
    await played(
      async (page, stage, _context, violations) => {
        await signInTo(page, stage, 'bob')
        await page.goto(stage.at('auth', '/account/password'))
        const ticked = (): Promise<string[]> => page.locator('.requirements li.met[data-score="0"]').allTextContents()
        const type = (text: string): Promise<void> => page.getByLabel('New password', { exact: true }).fill(text)
        assert.deepEqual(await ticked(), [])
        await type('A1')
        assert.equal((await ticked()).length, 3, 'a capital letter, a digit, and not too long')
        await type('A1-'.repeat(4))
        assert.equal((await ticked()).length, 5)
        await type('Ä1-'.repeat(7))
        assert.equal((await ticked()).length, 3, 'long enough, a digit and a sign; Ä is no A, and two bytes')
        assert.deepEqual(violations, [])
      },
      { settings: { passwordChangeDisabled: false, passwordPolicy } },
    )
  })

  test('how hard a new password is to guess is said while it is typed, as the server will judge, and nothing of it leaves the browser', async () => {
    const passwordPolicy = { kind: 'zxcvbn', minScore: 3 } as const
    await played(
      async (page, stage, _context, violations) => {
        const asked: string[] = []
        page.on('request', (request) => asked.push(`${request.url()} ${request.postData() ?? ''}`))
        await atAccount(page, stage, '/account/password')
        const isLoaded = (): boolean => asked.some((url) => url.includes('password-estimate'))
        const field = page.getByLabel('New password', { exact: true })
        await field.focus()
        assert.ok(!isLoaded(), 'the word lists are loaded before anything is typed')

        asked.length = 0
        const about = ['alice', 'Alice Liddell', 'alice@example.com']
        const typed = ['a', 'password1', 'Alice.Liddell.alice', 'tuesday copper', 'tuesday copper lanterns walk 7']
        for (const password of typed) {
          await field.fill(password)
          const { score } = estimatePassword(password, about)
          await page.locator(`.bar[data-score="${score}"]`).waitFor({ state: 'attached' })
          const words = ['very easy', 'easy', 'rather hard', 'hard', 'very hard'][score]
          assert.equal(await page.locator('.strength [role="status"]').textContent(), `${words} to guess`, password)
          assert.equal(await page.locator('.requirements li.met').count(), score >= 3 ? 1 : 0, password)
        }
        await field.fill('')
        await page.locator('.bar[data-score=""]').waitFor({ state: 'attached' })
        assert.ok(isLoaded())
        assert.equal(asked.length, 1, asked.join('\n'))
        assert.deepEqual(violations, [])
      },
      { settings: { ...FACTOR_IS_ENOUGH, passwordChangeDisabled: false, passwordPolicy, passwordScore: 3 } },
    )
  })

  for (const javaScriptEnabled of [true, false])
    test(`whatever the page says, the server judges a new password, with JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
      const passwordPolicy = { kind: 'zxcvbn', minScore: 3 } as const
      await played(
        async (page, stage, _context, violations) => {
          stage.store.weaknesses = (password, { username, displayName, emails }) =>
            judgePassword(password, passwordPolicy, [username, displayName, ...emails])
          await askForReset(page, stage)
          await page.goto(mailedLink(stage))
          const bar = (score: string) => page.locator(`.bar[data-score="${score}"]`)
          const send = async (password: string, score: string): Promise<void> => {
            await page.getByLabel('New password', { exact: true }).fill(password)
            await page.getByLabel('New password once more').fill(password)
            await bar(javaScriptEnabled ? score : '').waitFor({ state: 'attached' })
            await page.getByRole('button', { name: 'Set the new password' }).click()
          }
          const before = stage.passwords.get('alice')
          await send('liddell1', '1')
          assert.match(String(await page.getByRole('alert').textContent()), /too easy to guess/)
          assert.equal(stage.passwords.get('alice'), before)
          await bar('').waitFor({ state: 'attached' })
          await send('tuesday copper lanterns walk 7', '4')
          await page.getByRole('heading', { name: 'Your new password counts' }).waitFor()
          assert.equal(stage.passwords.get('alice'), 'tuesday copper lanterns walk 7')
          assert.deepEqual(violations, [])
        },
        {
          javaScriptEnabled,
          settings: { passwordResetDisabled: false, passwordPolicy, passwordScore: 3 },
        },
      )
    })

  test('with the keyboard alone one signs in and arrives', async () => {
    await played(async (page, stage) => {
      await page.goto(stage.at('auth', `/?rd=${encodeURIComponent(stage.at('app'))}`))
      await page.keyboard.type('alice')
      await page.keyboard.press('Tab')
      await page.keyboard.type(PASSWORD)
      await page.keyboard.press('Enter')
      await page.waitForURL(stage.at('app'))
    })
  })

  test('a complete code is sent by itself; after a refusal one sends it oneself', async () => {
    await played(async (page, stage) => {
      await signInTo(page, stage, 'alice', stage.at('vault'))
      await page.getByLabel('One-time code').pressSequentially('000 000')
      await page.getByRole('alert').waitFor()
      await page.getByLabel('One-time code').pressSequentially('123456')
      assert.ok(page.url().startsWith(stage.at('auth', '/2fa')))
      await page.keyboard.press('Enter')
      await page.waitForURL(stage.at('vault'))
    })
  })

  test('a password can be shown, and is hidden again before it is sent', async () => {
    await played(async (page, stage) => {
      await page.goto(stage.at('auth'))
      const password = page.getByLabel('Password', { exact: true })
      await password.fill('secret')
      const button = page.getByRole('button', { name: 'Show password' })
      await button.click()
      assert.equal(await password.getAttribute('type'), 'text')
      assert.equal(await button.getAttribute('aria-pressed'), 'true')
      await page.evaluate(`document.forms[0].addEventListener('submit', (event) => event.preventDefault())`)
      await page.getByLabel('Username').fill('alice')
      await page.getByRole('button', { name: 'Sign in' }).click()
      assert.equal(await password.getAttribute('type'), 'password')
    })
  })

  test('an application may send people further after they signed in, also to where forms must not lead', async () => {
    await played(async (page, stage) => {
      const further = stage.at('app').replace('app.example.localhost', 'elsewhere.localhost')
      stage.redirects.set('app/enter', further)
      await page.goto(stage.at('auth', `/?rd=${encodeURIComponent(stage.at('app', '/enter'))}`))
      await page.getByLabel('Username').fill('alice')
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.waitForURL(further)
    })
  })

  test('RED-05 the browser never leaves for a place that is not ours', async () => {
    for (const attack of [
      '?rd=javascript:document.title=%22owned%22',
      '?rd=https://evil.localhost/',
      '#rd=https://evil.localhost/',
      '?rd=https://app.example.localhost/&rd=https://evil.localhost/',
      '?rd=%22%3E%3Ca%20id=rd%20href=https://evil.localhost/%3E',
      '?rd=data:text/html,owned',
      '?rd=//evil.localhost/',
    ])
      await played(async (page, stage, _context, violations) => {
        const hosts = new Set<string>()
        page.on('request', (request) => hosts.add(new URL(request.url()).hostname))
        await page.goto(stage.at('auth', `/${attack}`))
        await page.getByLabel('Username').fill('alice')
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('heading', { name: 'You’re signed in' }).waitFor()
        assert.deepEqual([...hosts], ['auth.example.localhost'], attack)
        assert.notEqual(await page.title(), 'owned')
        assert.deepEqual(violations, [])
      })
  })

  test('BRW-11 a page asks no other host for anything', async () => {
    await played(async (page, stage) => {
      const hosts = new Set<string>()
      page.on('request', (request) => hosts.add(new URL(request.url()).hostname))
      for (const path of ['/', '/logout', '/none']) await page.goto(stage.at('auth', path))
      assert.deepEqual([...hosts], ['auth.example.localhost'])
    })
  })

  test('BRW-01 no page is shown within a frame of another origin', async () => {
    await played(async (page, stage) => {
      for (const path of ['/', '/logout', '/register/one-time-code', '/none']) {
        stage.pages.set('app/frame', `<!doctype html><iframe src="${stage.at('auth', path)}"></iframe>`)
        await page.goto(stage.at('app', '/frame'))
        const frame = page.frames()[1]
        assert.ok(frame)
        assert.match(frame.url(), /^(?:chrome-error:|about:blank|$)/, path)
      }
    })
  })

  test('BRW-04 a name full of HTML is shown, not run', async () => {
    await played(async (page, stage, _context, violations) => {
      await signInTo(page, stage, 'eve')
      assert.match(await page.locator('.person-name').textContent().then(String), /<img src=x/)
      assert.equal(await page.locator('img').count(), 0)
      assert.notEqual(await page.title(), 'owned')
      assert.deepEqual(violations, [])
    })
  })

  test('BRW-08 after signing out the back button shows nothing of before', async () => {
    await played(async (page, stage) => {
      await signInTo(page, stage, 'alice')
      await page.getByText('Alice Liddell').waitFor()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'You’re signed out' }).waitFor()
      await page.goBack()
      assert.equal(await page.getByText('Alice Liddell').count(), 0)
    })
  })

  test('BRW-09 a password never gets into an address, with JavaScript or without', async () => {
    for (const javaScriptEnabled of [true, false])
      await played(
        async (page, stage) => {
          const addresses: string[] = []
          page.on('request', (request) => addresses.push(request.url()))
          await page.goto(stage.at('auth'))
          await page.getByLabel('Username').fill('alice')
          await page.getByLabel('Password', { exact: true }).fill('canary-password')
          await page.keyboard.press('Enter')
          await page.getByRole('alert').waitFor()
          assert.ok(addresses.length > 1)
          assert.doesNotMatch(addresses.join('\n'), /canary/)
        },
        { javaScriptEnabled },
      )
  })

  test('BRW-10 nothing is stored in the browser but cookies that scripts can’t read', async () => {
    await played(async (page, stage, context) => {
      await signInTo(page, stage, 'alice')
      const stored = `JSON.stringify([localStorage.length, sessionStorage.length, document.cookie])`
      assert.equal(await page.evaluate(stored), '[0,0,""]')
      assert.deepEqual(await page.evaluate('indexedDB.databases().then((all) => all.length)'), 0)
      for (const cookie of await context.cookies())
        assert.deepEqual([cookie.secure, cookie.httpOnly], [true, true], cookie.name)
    })
  })

  test('CSR-01 CSR-02 CSR-03 neither an application nor a stranger can act for somebody signed in', async () => {
    await played(async (page, stage) => {
      await signInTo(page, stage, 'alice')
      const sessions = stage.sessionCount()
      for (const from of [stage.at('app', '/attack'), stage.at('app', '/attack').replace('app.example.', 'app.evil.')])
        for (const path of ['/logout', '/', '/2fa', '/confirm', '/register/one-time-code/confirm']) {
          const fields = `<input name="username" value="bob"><input name="password" value="${PASSWORD}"><input name="code" value="123456">`
          const form = `<form method="post" action="${stage.at('auth', path)}">${fields}<button>go</button></form>`
          const image = `<img src="${stage.at('auth', path)}"><img src="${stage.at('auth', '/api/logout')}">`
          stage.pages.set('app/attack', `<!doctype html>${form}${image}`)
          await page.goto(from)
          await page.getByRole('button').click()
          await page.getByRole('heading', { name: 'That didn’t come from here' }).waitFor()
        }
      await page.goto(stage.at('app'))
      const sent = await page.evaluate(
        `fetch('${stage.at('auth', '/logout')}', { method: 'POST', credentials: 'include', mode: 'no-cors' }).then(() => 'sent', () => 'blocked')`,
      )
      assert.ok(sent === 'sent' || sent === 'blocked', String(sent))
      assert.equal(stage.sessionCount(), sessions)
      await page.goto(stage.at('auth'))
      await page.getByText('Alice Liddell').waitFor()
    })
  })

  test('CSR-02 opening the sign-out page signs nobody out', async () => {
    await played(async (page, stage) => {
      await signInTo(page, stage, 'alice')
      await page.goto(stage.at('auth', '/logout'))
      assert.equal(stage.sessionCount(), 1)
    })
  })

  test('CSR-07 a page that opened the portal has no hold on it', async () => {
    await played(async (page, stage, context) => {
      stage.pages.set(
        'app/open',
        `<!doctype html><button onclick="window.it=window.open('${stage.at('auth')}')">open</button>`,
      )
      await page.goto(stage.at('app', '/open'))
      const opened = context.waitForEvent('page')
      await page.getByRole('button').click()
      const portal = await opened
      await portal.getByLabel('Username').waitFor()
      assert.equal(await page.evaluate('window.it.closed'), true)
      assert.equal(await portal.evaluate('window.opener'), null)
    })
  })
})
