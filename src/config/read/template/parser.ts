// From tokens to the syntax tree. Says which function or variable isn't known, so that nothing runs of a template that has a mistake.
import type { Branches, Command, Operand, ParsedTemplate, Pipeline, Statement } from './ast.ts'
import { type Token, tokenize } from './lexer.ts'
import { TemplateError } from './template-error.ts'

/** Blocks within blocks, parentheses within parentheses. */
const MAX_NESTING = 100

/** @param isFunction which names may be called @throws TemplateError */
export function parseTemplate(
  source: string,
  isFunction: (name: string) => boolean,
  unknownHint: (name: string) => string,
): ParsedTemplate {
  return new Parser(tokenize(source), isFunction, unknownHint).run()
}

type Ending = 'end' | 'else' | 'file'
/** Words that begin an action of their own and are no functions. */
const KEYWORDS = new Set(['if', 'else', 'end', 'range', 'with', 'define', 'block', 'template', 'break', 'continue'])

class Parser {
  readonly #tokens: readonly Token[]
  readonly #isFunction: (name: string) => boolean
  readonly #unknownHint: (name: string) => string
  readonly #defined = new Map<string, readonly Statement[]>()
  #variables = ['$']
  #at = 0
  #loops = 0
  #nesting = 0

  constructor(tokens: readonly Token[], isFunction: (name: string) => boolean, unknownHint: (name: string) => string) {
    this.#tokens = tokens
    this.#isFunction = isFunction
    this.#unknownHint = unknownHint
  }

  run(): ParsedTemplate {
    const { statements, ending, offset } = this.#statements(true)
    if (ending !== 'file') this.#fail(`there is an {{${ending}}} too many`, offset)
    return { main: statements, defined: this.#defined }
  }

  #statements(top: boolean): { statements: Statement[]; ending: Ending; offset: number } {
    const statements: Statement[] = []
    for (;;) {
      const token = this.#next()
      if (token.kind === 'end') return { statements, ending: 'file', offset: token.offset }
      if (token.kind === 'text') {
        statements.push({ kind: 'text', offset: token.offset, text: token.text })
        continue
      }
      const word = this.#peekWord()
      if (word === 'end' || word === 'else') {
        const { offset } = this.#nextSolid()
        if (word === 'end') this.#close('end')
        return { statements, ending: word, offset }
      }
      if (word === 'define') {
        if (!top) this.#fail('define must not stand within another block', token.offset)
        this.#define()
      } else statements.push(this.#statement(word, token.offset))
    }
  }

  #statement(word: string | undefined, offset: number): Statement {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        this.#nextSolid()
        return this.#control(word, offset)
      case 'block':
        this.#nextSolid()
        return this.#block(offset)
      case 'template': {
        this.#nextSolid()
        const name = this.#name('template')
        const pipeline = this.#peekSolid().kind === 'close' ? undefined : this.#pipeline('template', 'close')
        if (!pipeline) this.#close('template')
        return { kind: 'template', offset, name, pipeline }
      }
      case 'break':
      case 'continue':
        this.#nextSolid()
        if (this.#loops === 0) this.#fail(`{{${word}}} stands outside of {{range}}`, offset)
        this.#close(word)
        return { kind: word, offset }
      default:
        return { kind: 'action', offset, pipeline: this.#pipeline('action', 'close') }
    }
  }

  #control(kind: 'if' | 'with' | 'range', offset: number): Statement {
    const scope = this.#variables.length
    this.#enter(offset)
    const pipeline = this.#pipeline(kind, 'close')
    if (kind === 'range') this.#loops++
    const { statements: body, ending } = this.#statements(false)
    if (kind === 'range') this.#loops--
    const branches: Branches = { body, otherwise: ending === 'else' ? this.#otherwise(kind) : [] }
    if (ending === 'file') this.#fail(`{{${kind}}} has no {{end}}`, offset)
    this.#nesting--
    this.#variables.length = scope
    return { kind, offset, pipeline, ...branches }
  }

  /** What follows `else`: another `if` or `with` that shares our `end`, or statements. */
  #otherwise(kind: 'if' | 'with' | 'range'): readonly Statement[] {
    const next = this.#peekSolid()
    const word = this.#peekWord()
    if (word === kind && kind !== 'range') {
      this.#nextSolid()
      return [this.#control(kind, next.offset)]
    }
    this.#close('else')
    const { statements, ending, offset } = this.#statements(false)
    if (ending !== 'end')
      this.#fail(ending === 'else' ? 'there is a second {{else}}' : `{{${kind}}} has no {{end}}`, offset)
    return statements
  }

  #define(): void {
    const { offset } = this.#nextSolid()
    const name = this.#name('define')
    this.#close('define')
    this.#body(name, offset)
  }

  #block(offset: number): Statement {
    const name = this.#name('block')
    const pipeline = this.#pipeline('block', 'close')
    this.#body(name, offset)
    return { kind: 'template', offset, name, pipeline }
  }

  /** A template of its own: it sees no variables but its `$`, and no loop around it. */
  #body(name: string, offset: number): void {
    const outside = { variables: this.#variables, loops: this.#loops }
    this.#variables = ['$']
    this.#loops = 0
    this.#enter(offset)
    const { statements, ending } = this.#statements(false)
    if (ending !== 'end') this.#fail(`the template ${JSON.stringify(name)} has no {{end}}`, offset)
    this.#nesting--
    this.#variables = outside.variables
    this.#loops = outside.loops
    const earlier = this.#defined.get(name)
    if (earlier && !isBlank(earlier) && !isBlank(statements)) {
      this.#fail(`the template ${JSON.stringify(name)} is defined twice`, offset)
    }
    if (!earlier || isBlank(earlier)) this.#defined.set(name, statements)
  }

  #name(context: string): string {
    const token = this.#nextSolid()
    if (token.kind !== 'string') this.#fail(`{{${context}}} needs a name in quotes`, token.offset)
    return token.value
  }

  #pipeline(context: string, until: 'close' | 'right'): Pipeline {
    const start = this.#peekSolid().offset
    const { variables, assigns } = this.#declaration(context)
    const commands: Command[] = []
    for (;;) {
      const token = this.#peekSolid()
      if (token.kind === until) {
        this.#nextSolid()
        break
      }
      commands.push(this.#command(context))
    }
    const [first, ...others] = commands
    if (!first) this.#fail(`{{${context === 'action' ? '' : context}}} has no value`, start)
    for (const { operands, offset } of others) {
      if (['boolean', 'dot', 'nil', 'number', 'string'].includes(operands[0]?.kind ?? '')) {
        this.#fail('what follows a | must be a function', offset)
      }
    }
    if (!assigns) this.#variables.push(...variables)
    return { offset: start, variables, assigns, commands }
  }

  #declaration(context: string): { variables: readonly string[]; assigns: boolean } {
    const none = { variables: [], assigns: false }
    const start = this.#at
    const first = this.#peekSolid()
    if (first.kind !== 'variable') return none
    this.#nextSolid()
    const variables = [first.text]
    let operator = this.#nextSolid()
    if (operator.kind === 'comma') {
      const second = this.#nextSolid()
      if (context !== 'range') this.#fail('only range declares two variables', first.offset)
      if (second.kind !== 'variable') this.#fail('range can only declare variables', second.offset)
      variables.push(second.text)
      operator = this.#nextSolid()
      if (operator.kind !== 'declare' && operator.kind !== 'assign') this.#fail('expected :=', operator.offset)
    }
    if (operator.kind !== 'declare' && operator.kind !== 'assign') {
      this.#at = start
      return none
    }
    const assigns = operator.kind === 'assign'
    if (assigns) for (const name of variables) this.#known(name, first.offset)
    return { variables, assigns }
  }

  #command(context: string): Command {
    const { offset } = this.#peekSolid()
    const operands: Operand[] = []
    for (;;) {
      while (this.#peek().kind === 'space') this.#at++
      const operand = this.#operand(context)
      if (operand) operands.push(operand)
      const token = this.#next()
      if (token.kind === 'space') continue
      if (token.kind === 'pipe') break
      if (token.kind !== 'close' && token.kind !== 'right') this.#unexpected(token)
      this.#at--
      break
    }
    if (operands.length === 0) this.#fail('there is a | without a value', offset)
    return { offset, operands }
  }

  #operand(context: string): Operand | undefined {
    const term = this.#term(context)
    if (!term) return undefined
    const path: string[] = []
    for (let token = this.#peek(); token.kind === 'field'; token = this.#peek()) {
      path.push(token.text)
      this.#at++
    }
    if (path.length === 0) return term
    if (term.kind === 'field' || term.kind === 'variable') return { ...term, path: [...term.path, ...path] }
    if (['boolean', 'string', 'number', 'nil', 'dot'].includes(term.kind))
      this.#fail('a constant has no fields', term.offset)
    return { kind: 'chain', offset: term.offset, operand: term, path }
  }

  #term(context: string): Operand | undefined {
    const token = this.#peek()
    const { offset } = token
    switch (token.kind) {
      case 'word':
        this.#at++
        if (token.text === 'true' || token.text === 'false') {
          return { kind: 'boolean', offset, value: token.text === 'true' }
        }
        if (token.text === 'nil') return { kind: 'nil', offset }
        if (KEYWORDS.has(token.text)) this.#fail(`${token.text} is not expected within {{${context}}}`, offset)
        if (!this.#isFunction(token.text)) {
          const message = `there is no function ${JSON.stringify(token.text)}`
          throw new TemplateError(message, { offset, hint: this.#unknownHint(token.text) })
        }
        return { kind: 'function', offset, name: token.text }
      case 'dot':
        this.#at++
        return { kind: 'dot', offset }
      case 'field':
        this.#at++
        return { kind: 'field', offset, path: [token.text] }
      case 'variable':
        this.#at++
        this.#known(token.text, offset)
        return { kind: 'variable', offset, name: token.text, path: [] }
      case 'string':
        this.#at++
        return { kind: 'string', offset, value: token.value }
      case 'number':
        this.#at++
        return { kind: 'number', offset, value: token.value }
      case 'left': {
        this.#at++
        this.#enter(offset)
        const pipeline = this.#pipeline('parentheses', 'right')
        this.#nesting--
        return { kind: 'pipeline', offset, pipeline }
      }
      default:
        return undefined
    }
  }

  #known(name: string, offset: number): void {
    if (!this.#variables.includes(name)) {
      this.#fail(`the variable ${name} is not declared here`, offset)
    }
  }

  #enter(offset: number): void {
    if (++this.#nesting > MAX_NESTING) this.#fail('the nesting is too deep', offset)
  }

  #close(context: string): void {
    const token = this.#nextSolid()
    if (token.kind !== 'close') this.#fail(`something is too much in {{${context}}}`, token.offset)
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? (this.#tokens.at(-1) as Token)
  }

  #next(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  #peekSolid(): Token {
    let at = this.#at
    while (this.#tokens[at]?.kind === 'space') at++
    return this.#tokens[at] ?? this.#peek()
  }

  #peekWord(): string | undefined {
    const token = this.#peekSolid()
    return token.kind === 'word' ? token.text : undefined
  }

  #nextSolid(): Token {
    while (this.#peek().kind === 'space') this.#at++
    return this.#next()
  }

  #unexpected(token: Token): never {
    this.#fail('this is not expected here', token.offset)
  }

  #fail(message: string, offset: number): never {
    throw new TemplateError(message, { offset })
  }
}

const isBlank = (statements: readonly Statement[]): boolean =>
  statements.every((statement) => statement.kind === 'text' && statement.text.trim() === '')
